using Noos.Training.Kernels;

namespace Noos.Training.Model.Fused;

/// <summary>
/// All weights packed for the products of both passes, shared by the workers of a team. Packing costs as much as reading and writing
/// the weights twice; once per step it is hardly felt.
/// </summary>
/// <remarks>Read by any number of threads; <see cref="Update"/> while no one reads, by several threads together.</remarks>
sealed unsafe class PackedWeights : IDisposable
{
    readonly Workspace _workspace = new();
    readonly float* _weights;
    readonly WeightMatrices _matrices;
    readonly Panels[] _forward;
    readonly Panels[] _backward;

    public PackedWeights(Parameters parameters, TileKernel kernel)
    {
        Kernel = kernel;
        _weights = parameters.Memory;
        _matrices = new WeightMatrices(parameters.Layout);
        _forward = new Panels[_matrices.All.Count];
        _backward = new Panels[_matrices.All.Count];
        foreach (var matrix in _matrices.All)
        {
            _forward[matrix.Index] = Take(matrix.Columns, matrix.Rows);
            _backward[matrix.Index] = Take(matrix.Rows, matrix.Columns);
        }

        Panels Take(int sum, int columns) =>
            Panels.At((uint*)_workspace.Take(Panels.Length(kernel, sum, columns)), kernel, sum);
    }

    public TileKernel Kernel { get; }

    /// <summary>Wᵀ: [columns, rows] of W.</summary>
    public Panels Forward(WeightMatrix matrix) => _forward[matrix.Index];

    /// <summary>W as it is.</summary>
    public Panels Backward(WeightMatrix matrix) => _backward[matrix.Index];

    /// <summary>Packs the weights as they are now, on so many threads.</summary>
    public void Update(int threads)
    {
        var next = -1;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
        {
            using var packer = new PanelPacker(Kernel);

            // Whoever is free takes the next matrix: what it becomes depends on nobody.
            for (int index; (index = Interlocked.Increment(ref next)) < _matrices.All.Count;)
            {
                var matrix = _matrices.All[index];
                var values = _weights + matrix.Offset;
                packer.PackTransposed(values, matrix.Columns, matrix.Rows, matrix.Columns, _forward[index]);
                packer.Pack(values, matrix.Columns, matrix.Columns, matrix.Rows, _backward[index]);
            }
        });
    }

    public void Dispose() => _workspace.Dispose();
}
