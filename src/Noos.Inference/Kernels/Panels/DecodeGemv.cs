using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMV of a packed micro-panel and one token, the decode path: codes are unpacked in registers, each byte of weights is read once.
/// Same bits as unpacking and <see cref="Int16SumGemm{TFormat, TDot}"/>, since both add one fused multiply-add per block in order.
/// </summary>
static unsafe class DecodeGemv<TFormat, TDot>
    where TFormat : struct, IPanelFormat
    where TDot : struct, IDotProductIsa
{
    /// <summary>
    /// output[32 rows] += weights[32 rows, 32 * blocks] * activations. <paramref name="blocks"/> counts blocks of 32 columns and must be
    /// whole stored blocks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(byte* panel, int blocks, sbyte* quants, ActivationBlockScale* blockScales, float* output)
    {
        // The 32 float sums stay in four registers over all columns.
        var sum0 = Vector256.Load(output);
        var sum1 = Vector256.Load(output + 8);
        var sum2 = Vector256.Load(output + 16);
        var sum3 = Vector256.Load(output + 24);
        var blocksPerSuperBlock = TFormat.BlockLength / Panel.BlockLength;
        // Outside of the loop: stackalloc inside would grow the stack with every turn. Scales, then minima.
        var superScales = stackalloc float[2 * Panel.Rows];
        // One turn per stored block; a K-quant super-block has eight blocks of 32 and shares its super-scales.
        for (; blocks > 0; blocks -= blocksPerSuperBlock)
        {
            TFormat.LoadSuperScales(panel, superScales);
            for (var block = 0; block < blocksPerSuperBlock; block++)
            {
                // Decode is bound by memory: the hardware prefetcher stops at 4 KiB pages, so the code asks for what lies one page ahead.
                // Spread over the blocks, the requests do not queue up.
                StreamPrefetcher.PrefetchAhead(
                    panel + (block * (TFormat.PanelBytes / blocksPerSuperBlock)), TFormat.PanelBytes / blocksPerSuperBlock);
                var dots = TFormat.DotBlock<TDot>(panel, block, quants, blockScales);
                var scales = TFormat.LoadScales(panel, block, superScales);
                // Scale first, product second: the order of roundings that all tiers share. The integer sum is below
                // 2^24 and converts exactly.
                var scale = Vector256.Create(blockScales->Scale);
                sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.A), scales.A * scale, sum0);
                sum1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.B), scales.B * scale, sum1);
                sum2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.C), scales.C * scale, sum2);
                sum3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.D), scales.D * scale, sum3);
                // Sum over 32 of (q * s + m) * a = s * dot + m * sum(a): the minimum needs one multiply-add per block, not per weight.
                if (TFormat.HasMinima)
                {
                    var minima = TFormat.LoadMinima(panel, block, superScales);
                    var scaledSum = Vector256.Create(blockScales->ScaledSum);
                    sum0 = Vector256.FusedMultiplyAdd(minima.A, scaledSum, sum0);
                    sum1 = Vector256.FusedMultiplyAdd(minima.B, scaledSum, sum1);
                    sum2 = Vector256.FusedMultiplyAdd(minima.C, scaledSum, sum2);
                    sum3 = Vector256.FusedMultiplyAdd(minima.D, scaledSum, sum3);
                }

                // Activations advance by 32, the panel only after the whole stored block.
                quants += Panel.BlockLength;
                blockScales++;
            }

            panel += TFormat.PanelBytes;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }
}
