using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Few tokens meet the panel as it is packed. For many, a part of it that fits the first-level cache is expanded once and meets all of
/// them, then comes the next part; so the expansion costs next to nothing.
/// </summary>
sealed unsafe class QuantizedPanelKernel<TFormat, TLanes> : PackedPanelKernel<TFormat>
    where TFormat : struct, IPanelFormat
    where TLanes : struct, IDotProductIsa
{
    const int TokensPerTile = 4;

    public override string Name => $"{TFormat.Type} {TLanes.Name}";

    public override KernelTier Tier => TLanes.Tier;

    public override bool IsSupported => TLanes.IsSupported;

    static CodeForm Form => TLanes.HasDot ? CodeForm.Bytes : TFormat.Form;

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        if (tokens >= TokensPerTile)
        {
            MultiplyExpanded(panel, columns, input, tokens, output, outputStride, scratch);
            return;
        }

        for (var token = 0; token < tokens; token++)
        {
            var offset = (long)token * input.Stride;
            DecodeGemv<TFormat, TLanes>.Execute(
                panel, columns / Panel.BlockLength, input.Quants + offset, input.Factors + (offset / Panel.BlockLength), output + ((long)token * outputStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MultiplyExpanded(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var expanded = scratch.Expanded;
        var blocks = columns / Panel.BlockLength;
        var most = PanelScratch.CodeBytes / Form.BlockBytes();
        var stored = TFormat.BlockLength / Panel.BlockLength;
        for (var first = 0; first < blocks; first += most)
        {
            var count = Math.Min(most, blocks - first);
            for (var block = 0; block < count; block += stored)
            {
                Prefetch.ColumnPrefetcher(panel, TFormat.PanelBytes);
                Expand(panel, expanded.From(block, Form));
                panel += TFormat.PanelBytes;
            }

            var token = 0;
            for (; token + TokensPerTile <= tokens; token += TokensPerTile)
            {
                FourTokens(expanded, count, first, input, token, output + ((long)token * outputStride), outputStride);
            }

            for (; token < tokens; token++)
            {
                OneToken(expanded, count, first, input, token, output + ((long)token * outputStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Expand(byte* panel, ExpandedPanel expanded)
    {
        if (TLanes.HasDot)
        {
            ByteCodes.Expand<TFormat>(panel, expanded);
        }
        else
        {
            TFormat.Expand(panel, expanded);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void FourTokens(ExpandedPanel panel, int blocks, int firstBlock, in ActivationView input, int token, float* output, int outputStride)
    {
        var stride = (nint)input.Stride;
        var offset = (token * stride) + (firstBlock * Panel.BlockLength);
        var factors = input.Factors + (offset / Panel.BlockLength);
        var factorStride = stride / Panel.BlockLength;
        switch (Form)
        {
            case CodeForm.FourBits:
                Int16SumGemm<TFormat, TLanes>.Tile16x4(panel, 0, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                Int16SumGemm<TFormat, TLanes>.Tile16x4(panel, 16, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                break;
            case CodeForm.FiveBits:
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    Int16SumGemm<TFormat, TLanes>.Tile8x4(panel, row, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                }

                break;
            case CodeForm.Bytes when TFormat.HasHalfScales:
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    VnniGemm<TFormat, TLanes>.Halves8x4(panel, row, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                }

                break;
            case CodeForm.Bytes:
                VnniGemm<TFormat, TLanes>.Tile16x4(panel, 0, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                VnniGemm<TFormat, TLanes>.Tile16x4(panel, 16, blocks, input.Quants + offset, stride, factors, factorStride, output, outputStride);
                break;
            default:
                Int16WeightGemm<TLanes>.Tile16x4(panel, 0, blocks, input.Words + offset, stride, factors, factorStride, output, outputStride);
                Int16WeightGemm<TLanes>.Tile16x4(panel, 16, blocks, input.Words + offset, stride, factors, factorStride, output, outputStride);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void OneToken(ExpandedPanel panel, int blocks, int firstBlock, in ActivationView input, int token, float* output)
    {
        var offset = ((long)token * input.Stride) + (firstBlock * Panel.BlockLength);
        var factors = input.Factors + (offset / Panel.BlockLength);
        switch (Form)
        {
            case CodeForm.Bytes:
                VnniGemm<TFormat, TLanes>.Tile32x1(panel, blocks, input.Quants + offset, factors, output);
                break;
            case CodeForm.Words:
                Int16WeightGemm<TLanes>.Tile32x1(panel, blocks, input.Words + offset, factors, output);
                break;
            default:
                Int16SumGemm<TFormat, TLanes>.Tile32x1(panel, blocks, input.Quants + offset, factors, output);
                break;
        }
    }
}
