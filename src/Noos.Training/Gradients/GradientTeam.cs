using System.Runtime.ExceptionServices;
using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using Noos.Training.Objectives;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Gradients;

/// <summary>
/// Several <see cref="GradientWorker"/>s that share the samples of a batch. Sample s goes to worker s mod workers, whatever the timing, and
/// the workers' gradients are summed in a fixed order: equal batches give bit-equal gradients.
/// </summary>
/// <remarks>
/// One caller at a time; a call blocks until all workers are done. The workers run on the caller's thread and on threads of the
/// pool; if the pool is busy the caller's thread does their work, too, one after the other, so that a call never waits for a pool
/// thread. An exception of a worker is thrown to the caller when all have ended; the gradient is then undefined, and the next call
/// starts from zero again.
/// </remarks>
public sealed class GradientTeam : IGradientSource
{
    readonly Tensor[] _buffers;
    readonly nint[] _pointers;
    readonly GradientWorker[] _workers;
    readonly double[] _losses;

    readonly long _decayLength;
    readonly Precision _precision;

    // Null for libtorch.
    readonly PackedWeights? _packed;

    /// <param name="parameters">Shared weights; read only.</param>
    /// <param name="workers">Number of workers, each with a gradient buffer and activations of its own.</param>
    /// <param name="maxRows">Rows of one sample at most.</param>
    /// <param name="products">What multiplies.</param>
    /// <exception cref="NoosException">This machine has no such kernels.</exception>
    public GradientTeam(Parameters parameters, int workers, int maxRows = 1, ProductOptions? products = null)
    {
        products ??= new ProductOptions();
        _precision = products.Precision;
        _packed = products.FindKernel() is { } kernel ? new PackedWeights(parameters, kernel) : null;
        _buffers = [.. Enumerable.Range(0, workers).Select(_ => zeros(parameters.Layout.Length).DetachFromDisposeScope())];
        _pointers = Array.ConvertAll(_buffers, PointerOf);
        _workers = [.. _buffers.Select(buffer => new GradientWorker(parameters, buffer, maxRows, _packed))];
        _losses = new double[workers];
        _decayLength = parameters.Layout.DecayLength;
    }

    /// <inheritdoc/>
    public Tensor Gradient => _buffers[0];

    /// <inheritdoc/>
    public double Norm { get; private set; }

    /// <inheritdoc/>
    public double Compute(IObjective objective, IReadOnlyList<TrainingRow> rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var samples = Split(objective, rows);
        for (var worker = 0; worker < _buffers.Length; worker++)
        {
            // A worker's first sample writes the matrices of the blocks; only the rest is added to, and needs zeros.
            var written = worker < samples.Length ? _decayLength : 0;
            using var rest = _buffers[worker].narrow(0, written, _buffers[worker].numel() - written);
            rest.zero_();
        }

        double weight = 0;
        foreach (var sample in samples)
        {
            weight += objective.Weight(sample);
        }

        // The division in single precision is what earlier runs did; they must resume to the same bits.
        var scale = 1f / (float)weight;
        var loss = Run(samples, (worker, sample, isFirst) => worker.AddGradient(objective, sample, scale, overwrite: isFirst)) / weight;
        Norm = Math.Sqrt(GradientSum.Reduce(_pointers, _buffers[0].numel(), _workers.Length));
        return loss;
    }

    /// <inheritdoc/>
    public double Loss(IObjective objective, IReadOnlyList<TrainingRow> rows) =>
        Run(Split(objective, rows), (worker, sample, _) => worker.Loss(objective, sample));

    /// <inheritdoc/>
    public double MeasurePeak() => ComputeCost.MeasurePeak(_precision);

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }

        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }

        _packed?.Dispose();
    }

    static unsafe nint PointerOf(Tensor buffer) => (nint)buffer.FloatPointer();

    /// <summary>Rows of a sample stay together: their loss is one.</summary>
    internal static TrainingRow[][] Split(IObjective objective, IReadOnlyList<TrainingRow> rows) =>
        rows.Count % objective.RowsPerSample == 0
            ? [.. rows.Chunk(objective.RowsPerSample)]
            : throw new NoosException(
                ErrorKind.Invalid,
                $"The objective '{objective.Name}' takes {objective.RowsPerSample} rows at a time, and {rows.Count} rows are no "
                + "multiple of that.");

    double Run(TrainingRow[][] samples, Func<GradientWorker, TrainingRow[], bool, double> compute)
    {
        Array.Clear(_losses);
        _packed?.Update(_workers.Length);
        try
        {
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, worker =>
            {
                for (var sample = worker; sample < samples.Length; sample += _workers.Length)
                {
                    _losses[worker] += compute(_workers[worker], samples[sample], sample == worker);
                }
            });
        }
        catch (AggregateException exception)
        {
            // One clear sentence for the user, not a bundle of them.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return _losses.Sum();
    }
}
