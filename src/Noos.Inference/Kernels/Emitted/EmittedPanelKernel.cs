using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Emitted;

/// <summary>
/// As <see cref="QuantizedPanelKernel{TFormat, TLanes}"/>, with products in machine code of our own. Tiles also fetch the packed codes that
/// come next, so that expanding them does not wait for memory.
/// </summary>
/// <param name="tiles">Tiles by their number of tokens less one; null where there is no such code.</param>
/// <param name="direct">A packed panel times one token; null for formats that are always expanded.</param>
sealed unsafe class EmittedPanelKernel<TFormat>(Routine[]? tiles, Routine? direct) : PackedPanelKernel<TFormat>
    where TFormat : struct, IPanelFormat
{
    // Up to here reading a panel once more from the second-level cache is cheaper than expanding it.
    const int MostDirectTokens = 3;
    const int CacheLine = 64;

    public override string Name => $"{TFormat.Type} AVX-512 VNNI";

    public override KernelTier Tier => KernelTier.Avx512Vnni;

    public override bool IsSupported => tiles is not null;

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        if (direct is not null && tokens <= MostDirectTokens)
        {
            MultiplyDirectly(direct, panel, columns, input, tokens, output, outputStride);
            return;
        }

        // Tiles of nearly the same width waste less than full ones and a narrow rest.
        var parts = (tokens + tiles!.Length - 1) / tiles.Length;
        var (width, wider) = Math.DivRem(tokens, parts);
        var expanded = scratch.Expanded;
        var arguments = new TileArguments
        {
            Codes = expanded.Codes,
            Scales = expanded.Scales,
            QuantStride = input.Stride,
            FactorStride = (nint)input.Stride / Panel.BlockLength * sizeof(ActivationBlockScale),
            OutputStride = (nint)outputStride * sizeof(float),
        };
        var blocks = columns / Panel.BlockLength;
        var most = PanelScratch.CodeBytes / CodeForm.Bytes.BlockBytes();
        for (var first = 0; first < blocks; first += most)
        {
            arguments.Blocks = Math.Min(most, blocks - first);
            panel = Expand(panel, (int)arguments.Blocks, expanded);
            arguments.Ahead = panel;
            var ahead = arguments.Blocks * Panel.BlockLength / TFormat.BlockLength * TFormat.PanelBytes;
            var token = 0;
            for (var part = 0; part < parts; part++)
            {
                var count = part < wider ? width + 1 : width;
                var offset = ((nint)token * input.Stride) + (first * Panel.BlockLength);
                arguments.Quants = input.Quants + offset;
                arguments.Factors = input.Factors + (offset / Panel.BlockLength);
                arguments.Output = output + ((long)token * outputStride);
                tiles[count - 1].Run(&arguments);
                var fetched = arguments.Ahead - panel + (arguments.Blocks * CacheLine);
                arguments.Ahead = panel + (fetched < ahead ? fetched : 0);
                token += count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static byte* Expand(byte* panel, int blocks, ExpandedPanel expanded)
    {
        for (var block = 0; block < blocks; block += TFormat.BlockLength / Panel.BlockLength)
        {
            Prefetch.ColumnPrefetcher(panel, TFormat.PanelBytes);
            ByteCodes.Expand<TFormat>(panel, expanded.From(block, CodeForm.Bytes));
            panel += TFormat.PanelBytes;
        }

        return panel;
    }

    static void MultiplyDirectly(Routine direct, byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride)
    {
        var arguments = new DirectArguments { Panel = panel, Blocks = columns / TFormat.BlockLength };
        for (var token = 0; token < tokens; token++)
        {
            var offset = (nint)token * input.Stride;
            arguments.Quants = input.Quants + offset;
            arguments.Factors = input.Factors + (offset / Panel.BlockLength);
            arguments.Output = output + ((long)token * outputStride);
            direct.Run(&arguments);
        }
    }
}
