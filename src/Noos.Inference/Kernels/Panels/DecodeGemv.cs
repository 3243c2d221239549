using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>A packed panel times one token: what decoding does, at the speed of memory.</summary>
static unsafe class DecodeGemv<TFormat, TLanes>
    where TFormat : struct, IPanelFormat
    where TLanes : struct, IDotProductIsa
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(byte* panel, int blocks, sbyte* quants, ActivationBlockScale* factors, float* output)
    {
        var sum0 = Vector256.Load(output);
        var sum1 = Vector256.Load(output + 8);
        var sum2 = Vector256.Load(output + 16);
        var sum3 = Vector256.Load(output + 24);
        var stored = TFormat.BlockLength / Panel.BlockLength;
        var common = stackalloc float[2 * Panel.Rows];
        for (; blocks > 0; blocks -= stored)
        {
            TFormat.LoadFactors(panel, common);
            for (var block = 0; block < stored; block++)
            {
                Prefetch.ColumnPrefetcher(panel + (block * (TFormat.PanelBytes / stored)), TFormat.PanelBytes / stored);
                var products = TFormat.Products<TLanes>(panel, block, quants, factors);
                var scales = TFormat.Scales(panel, block, common);
                var scale = Vector256.Create(factors->Scale);
                sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products.A), scales.A * scale, sum0);
                sum1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products.B), scales.B * scale, sum1);
                sum2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products.C), scales.C * scale, sum2);
                sum3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(products.D), scales.D * scale, sum3);
                if (TFormat.HasMinima)
                {
                    var minima = TFormat.Minima(panel, block, common);
                    var scaledSum = Vector256.Create(factors->ScaledSum);
                    sum0 = Vector256.FusedMultiplyAdd(minima.A, scaledSum, sum0);
                    sum1 = Vector256.FusedMultiplyAdd(minima.B, scaledSum, sum1);
                    sum2 = Vector256.FusedMultiplyAdd(minima.C, scaledSum, sum2);
                    sum3 = Vector256.FusedMultiplyAdd(minima.D, scaledSum, sum3);
                }

                quants += Panel.BlockLength;
                factors++;
            }

            panel += TFormat.PanelBytes;
        }

        sum0.Store(output);
        sum1.Store(output + 8);
        sum2.Store(output + 16);
        sum3.Store(output + 24);
    }
}
