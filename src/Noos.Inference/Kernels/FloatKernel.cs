using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

/// <summary>
/// Weights stored as floating-point numbers, products in single precision. Tiles of 2 rows by 2 tokens (4 by 1 while decoding) keep
/// enough independent sums in flight to hide the latency of the multiply-add.
/// </summary>
sealed unsafe class FloatKernel<TLanes, TFormat> : MatrixKernel
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IFloatFormat
{
    const int LaneCount = 16;

    public override string Name => $"{TFormat.Name} {TLanes.Name}";

    public override bool IsSupported => TLanes.IsSupported;

    public override bool QuantizesActivations => false;

    public override long RowBytes(int columns) => (long)columns * TFormat.ByteCount;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(
        byte* weights, int columns, int rowBegin, int rowEnd, in ActivationView input, int tokens, float* output, int outputStride, bool accumulate)
    {
        var rowBytes = RowBytes(columns);
        var row = rowBegin;
        if (tokens == 1)
        {
            for (; row + 4 <= rowEnd; row += 4)
            {
                Tile4x1(weights + (row * rowBytes), rowBytes, columns, input.Values, output + row, accumulate);
            }
        }
        else
        {
            for (; row + 2 <= rowEnd; row += 2)
            {
                var token = 0;
                for (; token + 2 <= tokens; token += 2)
                {
                    Tile2x2(
                        weights + (row * rowBytes), rowBytes, columns, input.Values + ((long)token * input.Stride), input.Stride,
                        output + ((long)token * outputStride) + row, outputStride, accumulate);
                }

                if (token < tokens)
                {
                    var activations = input.Values + ((long)token * input.Stride);
                    var destination = output + ((long)token * outputStride) + row;
                    Store(destination, Dot(weights + (row * rowBytes), columns, activations), accumulate);
                    Store(destination + 1, Dot(weights + ((row + 1) * rowBytes), columns, activations), accumulate);
                }
            }
        }

        for (; row < rowEnd; row++)
        {
            for (var token = 0; token < tokens; token++)
            {
                var sum = Dot(weights + (row * rowBytes), columns, input.Values + ((long)token * input.Stride));
                Store(output + ((long)token * outputStride) + row, sum, accumulate);
            }
        }
    }

    public override void CopyRow(byte* weights, int columns, int row, float* destination) =>
        TFormat.Copy(weights + (row * RowBytes(columns)), columns, destination);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Dot(byte* row, int columns, float* input)
    {
        var sum = TLanes.Zero;
        var column = 0;
        for (; column + LaneCount <= columns; column += LaneCount)
        {
            sum = TLanes.MultiplyAdd(TFormat.Load<TLanes>(row, column), TLanes.Load(input + column), sum);
        }

        return TLanes.Sum(sum) + Tail(row, input, column, columns);
    }

    /// <summary>The ragged end of a row. No call, here or in the loops: it would push the sums out of their registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Tail(byte* row, float* input, int column, int columns)
    {
        var sum = 0f;
        for (; column < columns; column++)
        {
            sum = MathF.FusedMultiplyAdd(TFormat.LoadOne(row, column), input[column], sum);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile4x1(byte* rows, long rowBytes, int columns, float* input, float* output, bool accumulate)
    {
        var row1 = rows + rowBytes;
        var row2 = row1 + rowBytes;
        var row3 = row2 + rowBytes;
        var sum0 = TLanes.Zero;
        var sum1 = TLanes.Zero;
        var sum2 = TLanes.Zero;
        var sum3 = TLanes.Zero;
        var column = 0;
        for (; column + LaneCount <= columns; column += LaneCount)
        {
            var activations = TLanes.Load(input + column);
            sum0 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(rows, column), activations, sum0);
            sum1 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(row1, column), activations, sum1);
            sum2 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(row2, column), activations, sum2);
            sum3 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(row3, column), activations, sum3);
        }

        Store(output, TLanes.Sum(sum0) + Tail(rows, input, column, columns), accumulate);
        Store(output + 1, TLanes.Sum(sum1) + Tail(row1, input, column, columns), accumulate);
        Store(output + 2, TLanes.Sum(sum2) + Tail(row2, input, column, columns), accumulate);
        Store(output + 3, TLanes.Sum(sum3) + Tail(row3, input, column, columns), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile2x2(byte* rows, long rowBytes, int columns, float* input, int inputStride, float* output, int outputStride, bool accumulate)
    {
        var row1 = rows + rowBytes;
        var input1 = input + inputStride;
        var sum00 = TLanes.Zero;
        var sum01 = TLanes.Zero;
        var sum10 = TLanes.Zero;
        var sum11 = TLanes.Zero;
        var column = 0;
        for (; column + LaneCount <= columns; column += LaneCount)
        {
            var weights0 = TFormat.Load<TLanes>(rows, column);
            var weights1 = TFormat.Load<TLanes>(row1, column);
            var activations = TLanes.Load(input + column);
            sum00 = TLanes.MultiplyAdd(weights0, activations, sum00);
            sum01 = TLanes.MultiplyAdd(weights1, activations, sum01);
            activations = TLanes.Load(input1 + column);
            sum10 = TLanes.MultiplyAdd(weights0, activations, sum10);
            sum11 = TLanes.MultiplyAdd(weights1, activations, sum11);
        }

        Store(output, TLanes.Sum(sum00) + Tail(rows, input, column, columns), accumulate);
        Store(output + 1, TLanes.Sum(sum01) + Tail(row1, input, column, columns), accumulate);
        Store(output + outputStride, TLanes.Sum(sum10) + Tail(rows, input1, column, columns), accumulate);
        Store(output + outputStride + 1, TLanes.Sum(sum11) + Tail(row1, input1, column, columns), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* destination, float value, bool accumulate) => *destination = accumulate ? *destination + value : value;
}
