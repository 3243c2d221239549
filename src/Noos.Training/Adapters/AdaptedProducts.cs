using System.Numerics;
using Noos.Training.Kernels;
using Noos.Training.Reinforcement;

namespace Noos.Training.Adapters;

/// <summary>
/// The products of linear layers with frozen weights and a trained low-rank pair, for one worker. Rows of the frozen matrix are made
/// floats, packed and multiplied in strips, so that no more than a strip of it is ever in memory.
/// </summary>
/// <param name="kernel">What multiplies.</param>
/// <param name="options">Scale and dropout.</param>
/// <param name="values">The flat values of the pairs, read only.</param>
/// <param name="gradients">Flat, of the same layout, added to.</param>
/// <param name="maxColumns">Columns of the widest matrix.</param>
/// <param name="maxRows">Most rows of activations.</param>
sealed unsafe class AdaptedProducts(
    TileKernel kernel, LoraOptions options, float* values, float* gradients, int maxColumns, int maxRows) : IDisposable
{
    // A strip of a matrix of some thousand columns stays in the second- and third-level caches between its packing and its product.
    const int StripRows = 256;

    readonly Gemm _gemm = new(kernel);
    readonly PanelScratch _panels = new(kernel);
    readonly CellBuffer _strip = new();
    readonly CellBuffer _inner = new();
    readonly CellBuffer _innerGradient = new();
    readonly CellBuffer _dropped = new();
    readonly CellBuffer _droppedGradient = new();

    /// <summary>[rows] a key of each row of activations, which decides what dropout leaves out of it.</summary>
    public ulong[] RowKeys { get; } = new ulong[maxRows];

    /// <summary>Dropout acts; not while a model is judged.</summary>
    public bool IsTraining { get; set; }

    bool Drops => IsTraining && options.Dropout > 0;

    /// <summary>y = x · Wᵀ + bias + scale · (x · Aᵀ) · Bᵀ, or added to y.</summary>
    /// <param name="input">[rows, columns of W]</param>
    /// <param name="output">[rows, rows of W], rows <paramref name="outputStride"/> apart</param>
    public void Forward(FrozenMatrix matrix, float* input, float* output, int outputStride, int rows, bool accumulate = false)
    {
        ForwardFrozen(matrix, input, output, outputStride, rows, accumulate);
        if (matrix.Bias != null)
        {
            for (var row = 0; row < rows; row++)
            {
                Add(matrix.Bias, output + ((long)row * outputStride), matrix.Rows);
            }
        }

        if (matrix.Slot is { } slot)
        {
            var inner = Inner(slot, Dropped(slot, input, rows), rows);
            _gemm.Multiply(
                TileLayout.ByRow, inner, slot.Rank, _panels.PackTransposed(values + slot.OffsetB, slot.Rows, slot.Rank), 0, rows, slot.Rows,
                slot.Rank, output, outputStride, accumulate: true);
        }
    }

    /// <summary>x · Wᵀ alone, as for the head.</summary>
    public void ForwardFrozen(FrozenMatrix matrix, float* input, float* output, int outputStride, int rows, bool accumulate)
    {
        for (var first = 0; first < matrix.Rows; first += StripRows)
        {
            var count = Math.Min(StripRows, matrix.Rows - first);
            _gemm.Multiply(
                TileLayout.ByRow, input, matrix.Columns,
                _panels.PackTransposed(Strip(matrix, first, count), count, matrix.Columns), 0, rows, count,
                matrix.Columns, output + first, outputStride, accumulate);
        }
    }

    /// <summary>Adds the gradients of A and B, and gives that of the input.</summary>
    /// <param name="input">[rows, columns of W] of the forward pass</param>
    /// <param name="outputGradient">[rows, rows of W], rows <paramref name="outputStride"/> apart</param>
    /// <param name="inputGradient">[rows, columns of W]; null where nobody needs it</param>
    /// <param name="accumulate">Whether the input's gradient is added to.</param>
    public void Backward(
        FrozenMatrix matrix, float* input, float* outputGradient, int outputStride, float* inputGradient, int rows, bool accumulate)
    {
        if (inputGradient != null)
        {
            BackwardFrozen(matrix, outputGradient, outputStride, inputGradient, rows, accumulate);
        }

        if (matrix.Slot is not { } slot)
        {
            return;
        }

        var (rank, columns) = (slot.Rank, slot.Columns);
        var dropped = Dropped(slot, input, rows);
        var inner = Inner(slot, dropped, rows);

        // dB = dyᵀ · scale · x Aᵀ
        _gemm.Multiply(
            TileLayout.ByColumn, outputGradient, outputStride, _panels.Pack(inner, rows, rank), 0, slot.Rows, rank, rows,
            gradients + slot.OffsetB, rank, accumulate: true);

        // du = scale · dy · B, then dA = duᵀ · x and dx += du · A
        var innerGradient = (float*)_innerGradient.Require((long)maxRows * rank);
        _gemm.Multiply(
            TileLayout.ByRow, outputGradient, outputStride, _panels.Pack(values + slot.OffsetB, slot.Rows, rank), 0, rows, rank, slot.Rows,
            innerGradient, rank, accumulate: false);
        Scale(innerGradient, (long)rows * rank, options.Scale);
        _gemm.Multiply(
            TileLayout.ByColumn, innerGradient, rank,
            _panels.Pack(dropped, rows, columns), 0, rank, columns, rows, gradients + slot.OffsetA,
            columns, accumulate: true);
        if (inputGradient == null)
        {
            return;
        }

        var a = _panels.Pack(values + slot.OffsetA, rank, columns);
        if (!Drops)
        {
            _gemm.Multiply(
                TileLayout.ByRow, innerGradient, rank, a, 0, rows, columns, rank, inputGradient, columns, accumulate: true);
            return;
        }

        var masked = (float*)_droppedGradient.Require((long)maxRows * maxColumns);
        _gemm.Multiply(TileLayout.ByRow, innerGradient, rank, a, 0, rows, columns, rank, masked, columns, accumulate: false);
        Mask(slot, masked, masked, rows);
        Add(masked, inputGradient, (long)rows * columns);
    }

    /// <summary>dx = dy · W, or added to dx.</summary>
    public void BackwardFrozen(
        FrozenMatrix matrix, float* outputGradient, int outputStride, float* inputGradient, int rows, bool accumulate)
    {
        for (var first = 0; first < matrix.Rows; first += StripRows)
        {
            var count = Math.Min(StripRows, matrix.Rows - first);
            _gemm.Multiply(
                TileLayout.ByRow, outputGradient + first, outputStride,
                _panels.Pack(Strip(matrix, first, count), count, matrix.Columns), 0, rows,
                matrix.Columns, count, inputGradient, matrix.Columns, accumulate || first > 0);
        }
    }

    public void Dispose()
    {
        _gemm.Dispose();
        _panels.Dispose();
        _strip.Dispose();
        _inner.Dispose();
        _innerGradient.Dispose();
        _dropped.Dispose();
        _droppedGradient.Dispose();
    }

    /// <param name="source">[length]</param>
    /// <param name="destination">[length], added to</param>
    internal static void Add(float* source, float* destination, long length)
    {
        var lanes = Vector<float>.Count;
        long i = 0;
        for (; i + lanes <= length; i += lanes)
        {
            (Vector.Load(source + i) + Vector.Load(destination + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] += source[i];
        }
    }

    static void Scale(float* numbers, long length, float factor)
    {
        var lanes = Vector<float>.Count;
        long i = 0;
        for (; i + lanes <= length; i += lanes)
        {
            (Vector.Load(numbers + i) * factor).Store(numbers + i);
        }

        for (; i < length; i++)
        {
            numbers[i] *= factor;
        }
    }

    float* Strip(FrozenMatrix matrix, int first, int count)
    {
        var strip = (float*)_strip.Require((long)StripRows * maxColumns);
        matrix.Dequantize(first, count, strip);
        return strip;
    }

    // scale · x · Aᵀ: [rows, rank]. The scale goes to the smallest of the matrices.
    float* Inner(LoraSlot slot, float* input, int rows)
    {
        var inner = (float*)_inner.Require((long)maxRows * slot.Rank);
        _gemm.Multiply(
            TileLayout.ByRow, input, slot.Columns,
            _panels.PackTransposed(values + slot.OffsetA, slot.Rank, slot.Columns), 0, rows, slot.Rank,
            slot.Columns, inner, slot.Rank, accumulate: false);
        Scale(inner, (long)rows * slot.Rank, options.Scale);
        return inner;
    }

    float* Dropped(LoraSlot slot, float* input, int rows)
    {
        if (!Drops)
        {
            return input;
        }

        var dropped = (float*)_dropped.Require((long)maxRows * maxColumns);
        Mask(slot, input, dropped, rows);
        return dropped;
    }

    // Srivastava et al., 2014: what stays is made larger, so that the mean stays. Source and target may be one.
    void Mask(LoraSlot slot, float* source, float* target, int rows)
    {
        var kept = (float)(1 / (1 - options.Dropout));
        for (var row = 0; row < rows; row++, source += slot.Columns, target += slot.Columns)
        {
            var key = Seeds.Mix(RowKeys[row], (ulong)slot.Index);
            for (var column = 0; column < slot.Columns; column++)
            {
                target[column] = CounterRandom.Uniform(key, (ulong)column) < options.Dropout ? 0 : kept * source[column];
            }
        }
    }
}
