using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Memory;
using Noos.Inference.Threading;
using Noos.Language.Gguf;

namespace Noos.Inference.Weights;

/// <summary>
/// The tensors of a model file for the forward pass: vectors are used where they lie in the mapped file, matrices are packed into
/// panels, all in one allocation. Used by the loading thread alone; <see cref="Pack(ThreadTeam)"/> uses the team inside.
/// </summary>
/// <param name="file">The mapped file; must outlive this.</param>
/// <param name="maxTier">The fastest kernels that may be chosen.</param>
sealed unsafe class WeightFile(GgufFile file, KernelTier maxTier) : IDisposable
{
    readonly List<PackedTensor> _matrices = [];
    readonly List<nint> _ordered = [];
    readonly HashSet<string> _read = new(StringComparer.Ordinal);
    LargeMemory? _memory;

    /// <summary>The matrices and their source tensors, in the order of <see cref="Matrix"/> calls.</summary>
    public IReadOnlyList<PackedTensor> Matrices => _matrices;

    public bool Has(string name) => file.TryGetTensor(name, out _);

    /// <summary>Refuses a file with a tensor that nobody asked for: without it the model would compute something else.</summary>
    /// <param name="isIgnored">Names of tensors that may be there unread; null for none.</param>
    /// <exception cref="NoosException">There is one; the message names it.</exception>
    public void RequireAllRead(Predicate<string>? isIgnored = null)
    {
        if (file.Tensors.FirstOrDefault(tensor => !_read.Contains(tensor.Name) && isIgnored?.Invoke(tensor.Name) != true) is { } unread)
        {
            throw new NoosException(
                $"The model '{file.Path}' has the tensor '{unread.Name}', which this engine does not compute with; choose another model.");
        }
    }

    /// <summary>A matrix that <see cref="Pack(ThreadTeam)"/> will fill: some or all rows of a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the tensor.</param>
    /// <param name="order">Which rows of the tensor, and in what order.</param>
    /// <param name="tensorRows">Rows of the whole tensor, if it has more than the matrix.</param>
    /// <exception cref="NoosException">
    /// The tensor is missing, has another shape, or is stored in a way that the engine does not compute with.
    /// </exception>
    public WeightMatrix Matrix(string name, int rows, int columns, RowOrder order = default, int? tensorRows = null)
    {
        var tensor = Require(name, columns, tensorRows ?? rows);
        var kernel = PanelKernels.Best(tensor.Type, maxTier);
        if (kernel is null || columns % kernel.BlockLength != 0)
        {
            throw new NoosException(
                $"The tensor '{name}' of '{file.Path}' is stored as {tensor.Type}, which this engine does not compute with; choose "
                + "another quantization of the model.");
        }

        var matrix = new WeightMatrix(kernel, rows, columns);
        _matrices.Add(new PackedTensor(matrix, tensor, order));
        return matrix;
    }

    /// <summary>A vector of floats.</summary>
    public float* Vector(string name, int length) => Floats(name, 1, length);

    /// <summary>A vector of floats, or null where the model has none.</summary>
    public float* OptionalVector(string name, int length) => Has(name) ? Floats(name, 1, length) : null;

    /// <summary>As <see cref="OptionalVector(string, int)"/>, its elements in the order of a matrix's rows.</summary>
    public float* OptionalVector(string name, int length, RowOrder order)
    {
        var vector = OptionalVector(name, length);
        if (vector is null || order.HeadLength == 0)
        {
            return vector;
        }

        var ordered = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
        _ordered.Add((nint)ordered);
        for (var i = 0; i < length; i++)
        {
            ordered[i] = vector[order.SourceOf(i)];
        }

        return ordered;
    }

    /// <summary>Vectors of floats [rows, length].</summary>
    public float* Vectors(string name, int rows, int length) => Floats(name, rows, length);

    /// <summary>Vectors of floats [rows, length], or null where the model has none.</summary>
    public float* OptionalVectors(string name, int rows, int length) => Has(name) ? Floats(name, rows, length) : null;

    /// <summary>Rows that are looked up instead of multiplied.</summary>
    public EmbeddingTable Embedding(string name, int rows, int columns)
    {
        var tensor = Require(name, columns, rows);
        return Quantization.Supports(tensor.Type)
            ? new EmbeddingTable(tensor, file, columns)
            : throw new NoosException(
                $"The tensor '{name}' of '{file.Path}' is stored as {tensor.Type}, which this engine does not compute with; choose "
                + "another quantization of the model.");
    }

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
            throw new NoosException(
                ErrorKind.OutOfMemory,
                $"The weights of '{file.Path}' take {total >> 20:N0} MB, which this machine does not have free; use a smaller model or "
                + "quantization.",
                e);
        }

        var place = _memory.Start;
        foreach (var (matrix, _, _) in _matrices)
        {
            matrix.Place(place);
            place += matrix.ByteCount;
        }

        team.Run(member => Pack(team, member));
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _ordered.ForEach(vector => NativeMemory.AlignedFree((void*)vector));
        _ordered.Clear();
    }

    void Pack(ThreadTeam team, int member)
    {
        foreach (var (matrix, tensor, order) in _matrices)
        {
            var rowBytes = GgufTensorLayout.For(tensor.Type).BytesOf(matrix.Columns);
            var source = file.Pointer(tensor);
            while (team.TryTake(member, matrix.PanelCount, out var panel))
            {
                matrix.Pack(source, rowBytes, order, panel);
            }

            team.EndPhase(member);
        }
    }

    float* Floats(string name, int rows, int length)
    {
        var tensor = Require(name, length, rows);
        return tensor.Type == GgufTensorType.F32
            ? (float*)file.Pointer(tensor)
            : throw new NoosException(
                $"The tensor '{name}' of '{file.Path}' is stored as {tensor.Type}, but vectors must be F32; export the model again.");
    }

    GgufTensor Require(string name, int columns, long rows)
    {
        _read.Add(name);
        if (!file.TryGetTensor(name, out var tensor))
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The model file '{file.Path}' lacks the tensor '{name}'; export or download it again.");
        }

        var actualRows = tensor.Dimensions.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);
        return tensor.Dimensions[0] == columns && actualRows == rows
            ? tensor
            : throw new NoosException(
                ErrorKind.Damaged,
                $"The tensor '{name}' of '{file.Path}' has the size {string.Join(" x ", tensor.Dimensions)} instead of {columns} x "
                + $"{rows}, which the metadata promises; export or download it again.");
    }
}
