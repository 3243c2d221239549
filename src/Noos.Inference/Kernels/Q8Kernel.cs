using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Q8_0 weights times activations in 8-bit blocks: exact integer sums within a block, then one fused multiply-add a lane with both
/// scales. Tiles of 2 rows by 4 tokens (4 by 1 while decoding).
/// </summary>
sealed unsafe class Q8Kernel<TDot> : MatrixKernel
    where TDot : struct, IQ8Dot
{
    public override string Name => $"Q8_0 {TDot.Name}";

    public override bool IsSupported => TDot.IsSupported;

    public override bool QuantizesActivations => true;

    public override long RowBytes(int columns) => columns / Q8Block.Length * (long)Q8Block.ByteCount;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(
        byte* weights, int columns, int rowBegin, int rowEnd, in ActivationView input, int tokens, float* output, int outputStride, bool accumulate)
    {
        var rowBytes = RowBytes(columns);
        var blocks = columns / Q8Block.Length;
        var scaleStride = input.Stride / Q8Block.Length;
        var row = rowBegin;
        if (tokens == 1)
        {
            for (; row + 4 <= rowEnd; row += 4)
            {
                Tile4x1(weights + (row * rowBytes), rowBytes, blocks, input.Quants, input.Scales, output + row, accumulate);
            }
        }
        else
        {
            for (; row + 2 <= rowEnd; row += 2)
            {
                var token = 0;
                for (; token + 4 <= tokens; token += 4)
                {
                    Tile2x4(
                        weights + (row * rowBytes), rowBytes, blocks, input.Quants + ((long)token * input.Stride), input.Stride,
                        input.Scales + ((long)token * scaleStride), scaleStride, output + ((long)token * outputStride) + row, outputStride, accumulate);
                }

                for (; token < tokens; token++)
                {
                    var quants = input.Quants + ((long)token * input.Stride);
                    var scales = input.Scales + ((long)token * scaleStride);
                    var destination = output + ((long)token * outputStride) + row;
                    Store(destination, Dot(weights + (row * rowBytes), blocks, quants, scales), accumulate);
                    Store(destination + 1, Dot(weights + ((row + 1) * rowBytes), blocks, quants, scales), accumulate);
                }
            }
        }

        for (; row < rowEnd; row++)
        {
            for (var token = 0; token < tokens; token++)
            {
                var sum = Dot(
                    weights + (row * rowBytes), blocks, input.Quants + ((long)token * input.Stride), input.Scales + ((long)token * scaleStride));
                Store(output + ((long)token * outputStride) + row, sum, accumulate);
            }
        }
    }

    public override void CopyRow(byte* weights, int columns, int row, float* destination)
    {
        var block = weights + (row * RowBytes(columns));
        for (var column = 0; column < columns; column += Q8Block.Length, block += Q8Block.ByteCount)
        {
            var scale = HalfPrecision.ToSingle(*(ushort*)block);
            for (var i = 0; i < Q8Block.Length; i++)
            {
                destination[column + i] = ((sbyte*)block)[2 + i] * scale;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Dot(byte* row, int blocks, sbyte* quants, float* scales)
    {
        var sum = Vector256<float>.Zero;
        for (var block = 0; block < blocks; block++, row += Q8Block.ByteCount, quants += Q8Block.Length)
        {
            sum = Accumulate(sum, Quants(row), Vector256.Load(quants), Scale(row) * scales[block]);
        }

        return HorizontalSum.Of(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile4x1(byte* rows, long rowBytes, int blocks, sbyte* quants, float* scales, float* output, bool accumulate)
    {
        var row1 = rows + rowBytes;
        var row2 = row1 + rowBytes;
        var row3 = row2 + rowBytes;
        var sum0 = Vector256<float>.Zero;
        var sum1 = Vector256<float>.Zero;
        var sum2 = Vector256<float>.Zero;
        var sum3 = Vector256<float>.Zero;
        for (var block = 0; block < blocks; block++)
        {
            var activations = Vector256.Load(quants);
            var scale = scales[block];
            sum0 = Accumulate(sum0, Quants(rows), activations, Scale(rows) * scale);
            sum1 = Accumulate(sum1, Quants(row1), activations, Scale(row1) * scale);
            sum2 = Accumulate(sum2, Quants(row2), activations, Scale(row2) * scale);
            sum3 = Accumulate(sum3, Quants(row3), activations, Scale(row3) * scale);
            rows += Q8Block.ByteCount;
            row1 += Q8Block.ByteCount;
            row2 += Q8Block.ByteCount;
            row3 += Q8Block.ByteCount;
            quants += Q8Block.Length;
        }

        Store(output, HorizontalSum.Of(sum0), accumulate);
        Store(output + 1, HorizontalSum.Of(sum1), accumulate);
        Store(output + 2, HorizontalSum.Of(sum2), accumulate);
        Store(output + 3, HorizontalSum.Of(sum3), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile2x4(
        byte* rows, long rowBytes, int blocks, sbyte* quants, int quantStride, float* scales, int scaleStride, float* output, int outputStride, bool accumulate)
    {
        var row1 = rows + rowBytes;
        var sum00 = Vector256<float>.Zero;
        var sum01 = Vector256<float>.Zero;
        var sum10 = Vector256<float>.Zero;
        var sum11 = Vector256<float>.Zero;
        var sum20 = Vector256<float>.Zero;
        var sum21 = Vector256<float>.Zero;
        var sum30 = Vector256<float>.Zero;
        var sum31 = Vector256<float>.Zero;
        for (var block = 0; block < blocks; block++)
        {
            var weights0 = Quants(rows);
            var weights1 = Quants(row1);
            var scale0 = Scale(rows);
            var scale1 = Scale(row1);
            var activations = Vector256.Load(quants);
            var scale = scales[block];
            sum00 = Accumulate(sum00, weights0, activations, scale0 * scale);
            sum01 = Accumulate(sum01, weights1, activations, scale1 * scale);
            activations = Vector256.Load(quants + quantStride);
            scale = scales[block + scaleStride];
            sum10 = Accumulate(sum10, weights0, activations, scale0 * scale);
            sum11 = Accumulate(sum11, weights1, activations, scale1 * scale);
            activations = Vector256.Load(quants + (2 * quantStride));
            scale = scales[block + (2 * scaleStride)];
            sum20 = Accumulate(sum20, weights0, activations, scale0 * scale);
            sum21 = Accumulate(sum21, weights1, activations, scale1 * scale);
            activations = Vector256.Load(quants + (3 * quantStride));
            scale = scales[block + (3 * scaleStride)];
            sum30 = Accumulate(sum30, weights0, activations, scale0 * scale);
            sum31 = Accumulate(sum31, weights1, activations, scale1 * scale);
            rows += Q8Block.ByteCount;
            row1 += Q8Block.ByteCount;
            quants += Q8Block.Length;
        }

        Store(output, HorizontalSum.Of(sum00), accumulate);
        Store(output + 1, HorizontalSum.Of(sum01), accumulate);
        output += outputStride;
        Store(output, HorizontalSum.Of(sum10), accumulate);
        Store(output + 1, HorizontalSum.Of(sum11), accumulate);
        output += outputStride;
        Store(output, HorizontalSum.Of(sum20), accumulate);
        Store(output + 1, HorizontalSum.Of(sum21), accumulate);
        output += outputStride;
        Store(output, HorizontalSum.Of(sum30), accumulate);
        Store(output + 1, HorizontalSum.Of(sum31), accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Accumulate(Vector256<float> sum, Vector256<sbyte> weights, Vector256<sbyte> activations, float scale) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(TDot.Multiply(weights, activations)), Vector256.Create(scale), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Scale(byte* block) => HalfPrecision.ToSingle(*(ushort*)block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<sbyte> Quants(byte* block) => Vector256.Load((sbyte*)block + 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* destination, float value, bool accumulate) => *destination = accumulate ? *destination + value : value;
}
