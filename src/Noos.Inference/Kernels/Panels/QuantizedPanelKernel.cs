using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// GEMM with intrinsics. Few tokens multiply the panel as it is packed (GEMV). For many, a part of it that fits the L1 cache is unpacked
/// once and multiplied with all of them, then the next part, so unpacking costs next to nothing.
/// </summary>
sealed unsafe class QuantizedPanelKernel<TFormat, TDot> : PackedPanelKernel<TFormat>
    where TFormat : struct, IPanelFormat
    where TDot : struct, IDotProductIsa
{
    const int TokensPerTile = 4;

    public override string Name => $"{TFormat.Type} {TDot.Name}";

    public override KernelTier Tier => TDot.Tier;

    public override bool IsSupported => TDot.IsSupported;

    static CodeType UnpackedType => TDot.HasDotAccumulate ? CodeType.BiasedUInt8 : TFormat.CodeType;

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        // Below a full tile unpacking costs more than it saves.
        if (tokens >= TokensPerTile)
        {
            MultiplyUnpacked(panel, columns, input, tokens, output, outputStride, scratch);
            return;
        }

        for (var token = 0; token < tokens; token++)
        {
            var offset = (long)token * input.Stride;
            DecodeGemv<TFormat, TDot>.Execute(
                panel, columns / Panel.BlockLength, input.Quants + offset, input.BlockScales + (offset / Panel.BlockLength),
                output + ((long)token * outputStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void MultiplyUnpacked(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var unpacked = scratch.Unpacked;
        var blocks = columns / Panel.BlockLength;
        // 16 blocks of bytes or 8 of int16: a multiple of the blocks of a stored block (1 or 8), so chunks never cut one.
        var maxBlocks = PanelScratch.CodeBytes / UnpackedType.BlockBytes();
        var blocksPerSuperBlock = TFormat.BlockLength / Panel.BlockLength;
        // Columns outside, tokens inside. The float sums continue in the output from chunk to chunk, in block order.
        for (var first = 0; first < blocks; first += maxBlocks)
        {
            var count = Math.Min(maxBlocks, blocks - first);
            for (var block = 0; block < count; block += blocksPerSuperBlock)
            {
                StreamPrefetcher.PrefetchAhead(panel, TFormat.PanelBytes);
                Unpack(panel, unpacked.Slice(block, UnpackedType));
                panel += TFormat.PanelBytes;
            }

            // Tiles of four tokens, then the rest singly: same bits, so the split may depend on the batch.
            var token = 0;
            for (; token + TokensPerTile <= tokens; token += TokensPerTile)
            {
                MultiplyFourTokens(unpacked, count, first, input, token, output + ((long)token * outputStride), outputStride);
            }

            for (; token < tokens; token++)
            {
                MultiplyOneToken(unpacked, count, first, input, token, output + ((long)token * outputStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        if (TDot.HasDotAccumulate)
        {
            BiasedByteCodes.Unpack<TFormat>(panel, unpacked);
        }
        else
        {
            TFormat.Unpack(panel, unpacked);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyFourTokens(
        UnpackedPanel panel, int blocks, int firstBlock, in ActivationView input, int token, float* output, int outputStride)
    {
        var stride = (nint)input.Stride;
        var offset = (token * stride) + (firstBlock * Panel.BlockLength);
        var blockScales = input.BlockScales + (offset / Panel.BlockLength);
        var blockScaleStride = stride / Panel.BlockLength;
        switch (UnpackedType)
        {
            case CodeType.UInt4:
                Int16SumGemm<TFormat, TDot>.Tile16x4(
                    panel, 0, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                Int16SumGemm<TFormat, TDot>.Tile16x4(
                    panel, 16, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                break;
            // Eight rows per tile: int16 and int32 sums share the registers.
            case CodeType.UInt5:
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    Int16SumGemm<TFormat, TDot>.Tile8x4(
                        panel, row, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                }

                break;
            // Two sums per row and token, so half as many rows.
            case CodeType.BiasedUInt8 when TFormat.HasHalfScales:
                for (var row = 0; row < Panel.Rows; row += 8)
                {
                    VnniGemm<TFormat, TDot>.Tile8x4HalfScales(
                        panel, row, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                }

                break;
            case CodeType.BiasedUInt8:
                VnniGemm<TFormat, TDot>.Tile16x4(
                    panel, 0, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                VnniGemm<TFormat, TDot>.Tile16x4(
                    panel, 16, blocks, input.Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                break;
            default:
                Int16WeightGemm<TDot>.Tile16x4(
                    panel, 0, blocks, input.Int16Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                Int16WeightGemm<TDot>.Tile16x4(
                    panel, 16, blocks, input.Int16Quants + offset, stride, blockScales, blockScaleStride, output, outputStride);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyOneToken(UnpackedPanel panel, int blocks, int firstBlock, in ActivationView input, int token, float* output)
    {
        var offset = ((long)token * input.Stride) + (firstBlock * Panel.BlockLength);
        var blockScales = input.BlockScales + (offset / Panel.BlockLength);
        switch (UnpackedType)
        {
            case CodeType.BiasedUInt8:
                VnniGemm<TFormat, TDot>.Tile32x1(panel, blocks, input.Quants + offset, blockScales, output);
                break;
            case CodeType.Int16:
                Int16WeightGemm<TDot>.Tile32x1(panel, blocks, input.Int16Quants + offset, blockScales, output);
                break;
            default:
                Int16SumGemm<TFormat, TDot>.Tile32x1(panel, blocks, input.Quants + offset, blockScales, output);
                break;
        }
    }
}
