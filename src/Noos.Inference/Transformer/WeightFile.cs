using Noos.Inference.Kernels.Panels;
using Noos.Language;
using Noos.Language.Gguf;

namespace Noos.Inference.Transformer;

/// <summary>
/// The tensors of a model file for the forward pass: vectors are used where they lie in the mapped file, matrices are packed into
/// panels, all in one piece of memory.
/// </summary>
sealed unsafe class WeightFile(GgufFile file) : IDisposable
{
    readonly List<(WeightMatrix Matrix, GgufTensor Tensor)> _matrices = [];
    LargeMemory? _memory;

    /// <summary>A matrix that <see cref="Pack(ThreadTeam)"/> will fill.</summary>
    /// <exception cref="NoosException">The tensor is missing, or stored in a way that the engine does not compute with.</exception>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        var tensor = Require(name);
        var kernel = PanelKernels.Best(tensor.Type);
        if (kernel is null || columns % kernel.BlockLength != 0)
        {
            throw new NoosException(
                $"The tensor '{name}' of '{file.Path}' is stored as {tensor.Type}, which this engine does not compute with; choose another quantization of the model.");
        }

        var matrix = new WeightMatrix(kernel, rows, columns);
        _matrices.Add((matrix, tensor));
        return matrix;
    }

    /// <summary>A vector of floats.</summary>
    public float* Vector(string name)
    {
        var tensor = Require(name);
        return tensor.Type == GgufTensorType.F32
            ? (float*)file.Pointer(tensor)
            : throw new NoosException($"The tensor '{name}' of '{file.Path}' is stored as {tensor.Type}, but vectors must be F32; export the model again.");
    }

    /// <summary>Rows that are looked up instead of multiplied.</summary>
    public EmbeddingTable Embedding(string name, int columns) => new(Require(name), file, columns);

    /// <summary>Packs all matrices, each member of the team its share of the panels.</summary>
    /// <exception cref="NoosException">The machine has not enough memory.</exception>
    public void Pack(ThreadTeam team)
    {
        var total = _matrices.Sum(entry => entry.Matrix.ByteCount);
        try
        {
            _memory = new LargeMemory(total);
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException($"The weights of '{file.Path}' take {total >> 20:N0} MB, which this machine does not have free; use a smaller model or quantization.", e);
        }

        var place = _memory.Start;
        foreach (var (matrix, _) in _matrices)
        {
            matrix.Place(place);
            place += matrix.ByteCount;
        }

        team.Run(member => Pack(member, team.Size));
    }

    public void Dispose() => _memory?.Dispose();

    void Pack(int member, int members)
    {
        foreach (var (matrix, tensor) in _matrices)
        {
            var source = file.Pointer(tensor);
            var rowBytes = tensor.ByteLength / matrix.Rows;
            for (var panel = member; panel < matrix.PanelCount; panel += members)
            {
                matrix.Pack(source, rowBytes, panel);
            }
        }
    }

    GgufTensor Require(string name) => file.TryGetTensor(name, out var tensor)
        ? tensor
        : throw new NoosException($"The model file '{file.Path}' lacks the tensor '{name}'; export or download it again.");
}
