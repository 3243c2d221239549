using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Panels;
using Noos.MachineCode;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// GEMM as <see cref="QuantizedPanelKernel{TFormat, TDot}"/>, with emitted AVX-512 VNNI micro-kernels; same bits. Micro-kernels also
/// prefetch the packed codes of the next chunk, so that unpacking them does not wait for memory.
/// </summary>
/// <param name="tiles">GEMM micro-kernels, index = tokens - 1; null where the machine cannot run them.</param>
/// <param name="gemv">GEMV of a packed panel; null for formats that are always unpacked.</param>
sealed unsafe class EmittedPanelKernel<TFormat>(NativeRoutine[]? tiles, NativeRoutine? gemv) : PackedPanelKernel<TFormat>
    where TFormat : struct, IPanelFormat
{
    // Up to here reading a panel once more per token, from the L2 cache, is cheaper than unpacking it.
    const int MaxGemvTokens = 3;
    const int CacheLine = 64;

    public override string Name => $"{TFormat.Type} AVX-512 VNNI";

    public override KernelTier Tier => KernelTier.Avx512Vnni;

    public override bool IsSupported => tiles is not null;

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        // The GEMV unpacks in registers; its cost per token is constant.
        if (gemv is not null && tokens <= MaxGemvTokens)
        {
            MultiplyGemv(gemv, panel, columns, input, tokens, output, outputStride);
            return;
        }

        // Tiles of nearly equal width: a tile loads all weights whatever its width, so a narrow rest would be dominated by those loads.
        var parts = (tokens + tiles!.Length - 1) / tiles.Length;
        var (width, wider) = Math.DivRem(tokens, parts);
        var unpacked = scratch.Unpacked;
        // Strides in bytes, as the code uses them; quants are one byte each.
        var arguments = new GemmTileArguments
        {
            Codes = unpacked.Codes,
            Scales = unpacked.Scales,
            QuantStride = input.Stride,
            BlockScaleStride = (nint)input.Stride / Panel.BlockLength * sizeof(ActivationBlockScale),
            OutputStride = (nint)outputStride * sizeof(float),
        };
        var blocks = columns / Panel.BlockLength;
        // 16 blocks: whole stored blocks, and codes and scales stay in the L1 cache.
        var maxBlocks = PanelScratch.CodeBytes / CodeType.BiasedUInt8.BlockBytes();
        for (var first = 0; first < blocks; first += maxBlocks)
        {
            arguments.Blocks = Math.Min(maxBlocks, blocks - first);
            panel = Unpack(panel, (int)arguments.Blocks, unpacked);
            // Unpack returned the start of the next chunk, which the tiles prefetch line by line.
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
                // A tile prefetches one line per block. When the next chunk is through, start over: a repeated prefetch is harmless.
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

    static void MultiplyGemv(
        NativeRoutine gemv, byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride)
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
