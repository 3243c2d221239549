using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels.Formats;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Float GEMM micro-kernels: weights [columns][32 rows] times activations [tokens, columns], added to output [tokens, rows]. Each output is
/// one chain of fused multiply-adds from the first column to the last, so all tiles give the same bits.
/// </summary>
static unsafe class FloatGemm
{
    /// <summary>output[token, 32 rows] += weights * input for any number of tokens. Strides in floats.</summary>
    public static void Multiply(float* weights, int columns, float* input, nint inputStride, int tokens, float* output, nint outputStride)
    {
        var token = 0;
        for (; token + 4 <= tokens; token += 4)
        {
            // False where 512-bit instructions lower the clock, even if they exist.
            if (Vector512.IsHardwareAccelerated)
            {
                Tile32x4(weights, columns, input, inputStride, output, outputStride);
            }
            else
            {
                Tile16x4(weights, columns, input, inputStride, output, outputStride);
                Tile16x4(weights + 16, columns, input, inputStride, output + 16, outputStride);
            }

            input += 4 * inputStride;
            output += 4 * outputStride;
        }

        // 0 .. 3 tokens are left.
        for (; token < tokens; token++)
        {
            Tile32x1<F32Format>((byte*)weights, columns, input, output);
            input += inputStride;
            output += outputStride;
        }
    }

    /// <summary>Micro-kernel of 32 rows and one token; widens the weights as it loads them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile32x1<TFormat>(byte* weights, int columns, float* input, float* output)
        where TFormat : struct, IFloatFormat
    {
        var sum0 = Vector256.Load(output);
        var sum1 = Vector256.Load(output + 8);
        var sum2 = Vector256.Load(output + 16);
        var sum3 = Vector256.Load(output + 24);
        for (var column = 0; column < columns; column++)
        {
            // Four chains: less than the 8 to 10 that would hide the latency of FMA, but the GEMV waits for memory anyway.
            var activation = Vector256.Create(input[column]);
            sum0 = Vector256.FusedMultiplyAdd(TFormat.Load(weights), activation, sum0);
            sum1 = Vector256.FusedMultiplyAdd(TFormat.Load(weights + (8 * TFormat.ByteCount)), activation, sum1);
            sum2 = Vector256.FusedMultiplyAdd(TFormat.Load(weights + (16 * TFormat.ByteCount)), activation, sum2);
            sum3 = Vector256.FusedMultiplyAdd(TFormat.Load(weights + (24 * TFormat.ByteCount)), activation, sum3);
            weights += Panel.Rows * TFormat.ByteCount;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }

    /// <summary>Micro-kernel of 16 rows and four tokens: 8 sums, 2 weights and 1 activation in 16 registers of 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile16x4(float* weights, int columns, float* input, nint inputStride, float* output, nint outputStride)
    {
        var sum00 = Vector256.Load(output);
        var sum01 = Vector256.Load(output + 8);
        var sum10 = Vector256.Load(output + outputStride);
        var sum11 = Vector256.Load(output + outputStride + 8);
        var sum20 = Vector256.Load(output + (2 * outputStride));
        var sum21 = Vector256.Load(output + (2 * outputStride) + 8);
        var sum30 = Vector256.Load(output + (3 * outputStride));
        var sum31 = Vector256.Load(output + (3 * outputStride) + 8);
        for (var column = 0; column < columns; column++)
        {
            // Outer product: each weight register meets four broadcast activations, each broadcast two weight registers.
            var low = Vector256.Load(weights);
            var high = Vector256.Load(weights + 8);
            var activation = Vector256.Create(input[column]);
            sum00 = Vector256.FusedMultiplyAdd(low, activation, sum00);
            sum01 = Vector256.FusedMultiplyAdd(high, activation, sum01);
            activation = Vector256.Create(input[inputStride + column]);
            sum10 = Vector256.FusedMultiplyAdd(low, activation, sum10);
            sum11 = Vector256.FusedMultiplyAdd(high, activation, sum11);
            activation = Vector256.Create(input[(2 * inputStride) + column]);
            sum20 = Vector256.FusedMultiplyAdd(low, activation, sum20);
            sum21 = Vector256.FusedMultiplyAdd(high, activation, sum21);
            activation = Vector256.Create(input[(3 * inputStride) + column]);
            sum30 = Vector256.FusedMultiplyAdd(low, activation, sum30);
            sum31 = Vector256.FusedMultiplyAdd(high, activation, sum31);
            weights += Panel.Rows;
        }

        sum00.Store(output);
        sum01.Store(output + 8);
        sum10.Store(output + outputStride);
        sum11.Store(output + outputStride + 8);
        sum20.Store(output + (2 * outputStride));
        sum21.Store(output + (2 * outputStride) + 8);
        sum30.Store(output + (3 * outputStride));
        sum31.Store(output + (3 * outputStride) + 8);
    }

    /// <summary>Micro-kernel of 32 rows and four tokens in registers of 512 bits; the same chains, hence the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile32x4(float* weights, int columns, float* input, nint inputStride, float* output, nint outputStride)
    {
        var sum00 = Vector512.Load(output);
        var sum01 = Vector512.Load(output + 16);
        var sum10 = Vector512.Load(output + outputStride);
        var sum11 = Vector512.Load(output + outputStride + 16);
        var sum20 = Vector512.Load(output + (2 * outputStride));
        var sum21 = Vector512.Load(output + (2 * outputStride) + 16);
        var sum30 = Vector512.Load(output + (3 * outputStride));
        var sum31 = Vector512.Load(output + (3 * outputStride) + 16);
        for (var column = 0; column < columns; column++)
        {
            var low = Vector512.Load(weights);
            var high = Vector512.Load(weights + 16);
            var activation = Vector512.Create(input[column]);
            sum00 = Vector512.FusedMultiplyAdd(low, activation, sum00);
            sum01 = Vector512.FusedMultiplyAdd(high, activation, sum01);
            activation = Vector512.Create(input[inputStride + column]);
            sum10 = Vector512.FusedMultiplyAdd(low, activation, sum10);
            sum11 = Vector512.FusedMultiplyAdd(high, activation, sum11);
            activation = Vector512.Create(input[(2 * inputStride) + column]);
            sum20 = Vector512.FusedMultiplyAdd(low, activation, sum20);
            sum21 = Vector512.FusedMultiplyAdd(high, activation, sum21);
            activation = Vector512.Create(input[(3 * inputStride) + column]);
            sum30 = Vector512.FusedMultiplyAdd(low, activation, sum30);
            sum31 = Vector512.FusedMultiplyAdd(high, activation, sum31);
            weights += Panel.Rows;
        }

        sum00.Store(output);
        sum01.Store(output + 16);
        sum10.Store(output + outputStride);
        sum11.Store(output + outputStride + 16);
        sum20.Store(output + (2 * outputStride));
        sum21.Store(output + (2 * outputStride) + 16);
        sum30.Store(output + (3 * outputStride));
        sum31.Store(output + (3 * outputStride) + 16);
    }
}
