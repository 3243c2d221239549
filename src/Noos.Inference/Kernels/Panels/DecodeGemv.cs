using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>A packed panel times one token: what decoding does, at the speed of memory.</summary>
static unsafe class DecodeGemv<TFormat, TDot>
    where TFormat : struct, IPanelFormat
    where TDot : struct, IDotProductIsa
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(byte* panel, int blocks, sbyte* quants, ActivationBlockScale* blockScales, float* output)
    {
        var sum0 = Vector256.Load(output);
        var sum1 = Vector256.Load(output + 8);
        var sum2 = Vector256.Load(output + 16);
        var sum3 = Vector256.Load(output + 24);
        var blocksPerSuperBlock = TFormat.BlockLength / Panel.BlockLength;
        var superScales = stackalloc float[2 * Panel.Rows];
        for (; blocks > 0; blocks -= blocksPerSuperBlock)
        {
            TFormat.LoadSuperScales(panel, superScales);
            for (var block = 0; block < blocksPerSuperBlock; block++)
            {
                StreamPrefetcher.PrefetchAhead(panel + (block * (TFormat.PanelBytes / blocksPerSuperBlock)), TFormat.PanelBytes / blocksPerSuperBlock);
                var dots = TFormat.DotBlock<TDot>(panel, block, quants, blockScales);
                var scales = TFormat.LoadScales(panel, block, superScales);
                var scale = Vector256.Create(blockScales->Scale);
                sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.A), scales.A * scale, sum0);
                sum1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.B), scales.B * scale, sum1);
                sum2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.C), scales.C * scale, sum2);
                sum3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dots.D), scales.D * scale, sum3);
                if (TFormat.HasMinima)
                {
                    var minima = TFormat.LoadMinima(panel, block, superScales);
                    var scaledSum = Vector256.Create(blockScales->ScaledSum);
                    sum0 = Vector256.FusedMultiplyAdd(minima.A, scaledSum, sum0);
                    sum1 = Vector256.FusedMultiplyAdd(minima.B, scaledSum, sum1);
                    sum2 = Vector256.FusedMultiplyAdd(minima.C, scaledSum, sum2);
                    sum3 = Vector256.FusedMultiplyAdd(minima.D, scaledSum, sum3);
                }

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
