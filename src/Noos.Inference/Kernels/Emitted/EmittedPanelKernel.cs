using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// As <see cref="QuantizedPanelKernel{TFormat, TDot}"/>, with products in machine code of our own. Tiles also fetch the packed codes that
/// come next, so that expanding them does not wait for memory.
/// </summary>
/// <param name="tiles">Tiles by their number of tokens less one; null where there is no such code.</param>
/// <param name="gemv">A packed panel times one token; null for formats that are always unpacked.</param>
sealed unsafe class EmittedPanelKernel<TFormat>(NativeRoutine[]? tiles, NativeRoutine? gemv) : PackedPanelKernel<TFormat>
    where TFormat : struct, IPanelFormat
{
    // Up to here reading a panel once more from the second-level cache is cheaper than expanding it.
    const int MaxGemvTokens = 3;
    const int CacheLine = 64;

    public override string Name => $"{TFormat.Type} AVX-512 VNNI";

    public override KernelTier Tier => KernelTier.Avx512Vnni;

    public override bool IsSupported => tiles is not null;

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        if (gemv is not null && tokens <= MaxGemvTokens)
        {
            MultiplyGemv(gemv, panel, columns, input, tokens, output, outputStride);
            return;
        }

        // Tiles of nearly the same width waste less than full ones and a narrow rest.
        var parts = (tokens + tiles!.Length - 1) / tiles.Length;
        var (width, wider) = Math.DivRem(tokens, parts);
        var unpacked = scratch.Unpacked;
        var arguments = new GemmTileArguments
        {
            Codes = unpacked.Codes,
            Scales = unpacked.Scales,
            QuantStride = input.Stride,
            BlockScaleStride = (nint)input.Stride / Panel.BlockLength * sizeof(ActivationBlockScale),
            OutputStride = (nint)outputStride * sizeof(float),
        };
        var blocks = columns / Panel.BlockLength;
        var maxBlocks = PanelScratch.CodeBytes / CodeType.BiasedUInt8.BlockBytes();
        for (var first = 0; first < blocks; first += maxBlocks)
        {
            arguments.Blocks = Math.Min(maxBlocks, blocks - first);
            panel = Unpack(panel, (int)arguments.Blocks, unpacked);
            arguments.PrefetchPointer = panel;
            var prefetchBytes = arguments.Blocks * Panel.BlockLength / TFormat.BlockLength * TFormat.PanelBytes;
            var token = 0;
            for (var part = 0; part < parts; part++)
            {
                var count = part < wider ? width + 1 : width;
                var offset = ((nint)token * input.Stride) + (first * Panel.BlockLength);
                arguments.Quants = input.Quants + offset;
                arguments.BlockScales = input.BlockScales + (offset / Panel.BlockLength);
                arguments.Output = output + ((long)token * outputStride);
                tiles[count - 1].Run(&arguments);
                var fetched = arguments.PrefetchPointer - panel + (arguments.Blocks * CacheLine);
                arguments.PrefetchPointer = panel + (fetched < prefetchBytes ? fetched : 0);
                token += count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static byte* Unpack(byte* panel, int blocks, UnpackedPanel unpacked)
    {
        for (var block = 0; block < blocks; block += TFormat.BlockLength / Panel.BlockLength)
        {
            StreamPrefetcher.PrefetchAhead(panel, TFormat.PanelBytes);
            BiasedByteCodes.Unpack<TFormat>(panel, unpacked.Slice(block, CodeType.BiasedUInt8));
            panel += TFormat.PanelBytes;
        }

        return panel;
    }

    static void MultiplyGemv(NativeRoutine gemv, byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride)
    {
        var arguments = new GemvArguments { Panel = panel, Blocks = columns / TFormat.BlockLength };
        for (var token = 0; token < tokens; token++)
        {
            var offset = (nint)token * input.Stride;
            arguments.Quants = input.Quants + offset;
            arguments.BlockScales = input.BlockScales + (offset / Panel.BlockLength);
            arguments.Output = output + ((long)token * outputStride);
            gemv.Run(&arguments);
        }
    }
}
