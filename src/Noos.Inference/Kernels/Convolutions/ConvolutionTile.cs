using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Convolutions;

/// <summary>
/// The innermost part of a convolution over time: four output channels at a tile of neighbouring times, in registers. Every element is
/// the same chain of fused multiply-adds in all variants, so that all give the same bits.
/// </summary>
static unsafe class ConvolutionTile
{
    /// <summary>Output channels per tile.</summary>
    public const int Rows = 4;

    /// <summary>Times per tile of the widest variant; the others go over it in several steps.</summary>
    public const int Columns = 64;

    /// <summary>
    /// output[row, t] = bias[row] + sum over channels c and taps k of weights[c, k, row] * input[c, t + k * dilation].
    /// </summary>
    /// <param name="input">
    /// Channel 0 at the tile's first time; <see cref="Columns"/> + (<paramref name="taps"/> - 1) * <paramref name="dilation"/> floats
    /// of each channel are read.
    /// </param>
    /// <param name="inputStride">Floats between channels.</param>
    /// <param name="weights">[channels, taps, 4]</param>
    /// <param name="bias">Four.</param>
    /// <param name="channels">Input channels.</param>
    /// <param name="taps">Length of the kernel.</param>
    /// <param name="dilation">Times between neighbouring taps.</param>
    /// <param name="output">Row 0 of the tile; all <see cref="Columns"/> of four rows are written.</param>
    /// <param name="outputStride">Floats between rows.</param>
    public static void Execute(
        float* input, nint inputStride, float* weights, float* bias, int channels, int taps, int dilation, float* output,
        nint outputStride)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Execute512(input, inputStride, weights, bias, channels, taps, dilation, output, outputStride);
        }
        else
        {
            for (var column = 0; column < Columns; column += 2 * Vector256<float>.Count)
            {
                Execute256(
                    input + column, inputStride, weights, bias, channels, taps, dilation, output + column, outputStride);
            }
        }
    }

    /// <summary>The reference: one element after the other.</summary>
    internal static void ExecuteScalar(
        float* input, nint inputStride, float* weights, float* bias, int channels, int taps, int dilation, float* output,
        nint outputStride)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var sum = bias[row];
                for (var channel = 0; channel < channels; channel++)
                {
                    for (var tap = 0; tap < taps; tap++)
                    {
                        sum = MathF.FusedMultiplyAdd(
                            weights[(((channel * taps) + tap) * Rows) + row],
                            input[(channel * inputStride) + column + (tap * dilation)], sum);
                    }
                }

                output[(row * outputStride) + column] = sum;
            }
        }
    }

    // Sixteen sums hide the latency of two multiply-adds a cycle; four loads of inputs and four of weights feed sixteen of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Execute512(
        float* input, nint inputStride, float* weights, float* bias, int channels, int taps, int dilation, float* output,
        nint outputStride)
    {
        Vector512<float> a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3;
        a0 = a1 = a2 = a3 = Vector512.Create(bias[0]);
        b0 = b1 = b2 = b3 = Vector512.Create(bias[1]);
        c0 = c1 = c2 = c3 = Vector512.Create(bias[2]);
        d0 = d1 = d2 = d3 = Vector512.Create(bias[3]);
        for (var channel = 0; channel < channels; channel++)
        {
            var at = input;
            for (var tap = 0; tap < taps; tap++)
            {
                var (x0, x1) = (Vector512.Load(at), Vector512.Load(at + 16));
                var (x2, x3) = (Vector512.Load(at + 32), Vector512.Load(at + 48));
                var w = Vector512.Create(weights[0]);
                a0 = Vector512.FusedMultiplyAdd(w, x0, a0);
                a1 = Vector512.FusedMultiplyAdd(w, x1, a1);
                a2 = Vector512.FusedMultiplyAdd(w, x2, a2);
                a3 = Vector512.FusedMultiplyAdd(w, x3, a3);
                w = Vector512.Create(weights[1]);
                b0 = Vector512.FusedMultiplyAdd(w, x0, b0);
                b1 = Vector512.FusedMultiplyAdd(w, x1, b1);
                b2 = Vector512.FusedMultiplyAdd(w, x2, b2);
                b3 = Vector512.FusedMultiplyAdd(w, x3, b3);
                w = Vector512.Create(weights[2]);
                c0 = Vector512.FusedMultiplyAdd(w, x0, c0);
                c1 = Vector512.FusedMultiplyAdd(w, x1, c1);
                c2 = Vector512.FusedMultiplyAdd(w, x2, c2);
                c3 = Vector512.FusedMultiplyAdd(w, x3, c3);
                w = Vector512.Create(weights[3]);
                d0 = Vector512.FusedMultiplyAdd(w, x0, d0);
                d1 = Vector512.FusedMultiplyAdd(w, x1, d1);
                d2 = Vector512.FusedMultiplyAdd(w, x2, d2);
                d3 = Vector512.FusedMultiplyAdd(w, x3, d3);
                weights += Rows;
                at += dilation;
            }

            input += inputStride;
        }

        Store(output, a0, a1, a2, a3);
        Store(output + outputStride, b0, b1, b2, b3);
        Store(output + (2 * outputStride), c0, c1, c2, c3);
        Store(output + (3 * outputStride), d0, d1, d2, d3);

        static void Store(float* row, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
        {
            v0.Store(row);
            v1.Store(row + 16);
            v2.Store(row + 32);
            v3.Store(row + 48);
        }
    }

    // Eight sums: with the inputs and a weight they fit into the sixteen registers of AVX2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Execute256(
        float* input, nint inputStride, float* weights, float* bias, int channels, int taps, int dilation, float* output,
        nint outputStride)
    {
        Vector256<float> a0, a1, b0, b1, c0, c1, d0, d1;
        a0 = a1 = Vector256.Create(bias[0]);
        b0 = b1 = Vector256.Create(bias[1]);
        c0 = c1 = Vector256.Create(bias[2]);
        d0 = d1 = Vector256.Create(bias[3]);
        for (var channel = 0; channel < channels; channel++)
        {
            var at = input;
            for (var tap = 0; tap < taps; tap++)
            {
                var (x0, x1) = (Vector256.Load(at), Vector256.Load(at + 8));
                var w = Vector256.Create(weights[0]);
                a0 = Vector256.FusedMultiplyAdd(w, x0, a0);
                a1 = Vector256.FusedMultiplyAdd(w, x1, a1);
                w = Vector256.Create(weights[1]);
                b0 = Vector256.FusedMultiplyAdd(w, x0, b0);
                b1 = Vector256.FusedMultiplyAdd(w, x1, b1);
                w = Vector256.Create(weights[2]);
                c0 = Vector256.FusedMultiplyAdd(w, x0, c0);
                c1 = Vector256.FusedMultiplyAdd(w, x1, c1);
                w = Vector256.Create(weights[3]);
                d0 = Vector256.FusedMultiplyAdd(w, x0, d0);
                d1 = Vector256.FusedMultiplyAdd(w, x1, d1);
                weights += Rows;
                at += dilation;
            }

            input += inputStride;
        }

        a0.Store(output);
        a1.Store(output + 8);
        b0.Store(output + outputStride);
        b1.Store(output + outputStride + 8);
        c0.Store(output + (2 * outputStride));
        c1.Store(output + (2 * outputStride) + 8);
        d0.Store(output + (3 * outputStride));
        d1.Store(output + (3 * outputStride) + 8);
    }
}
