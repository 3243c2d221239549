using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values: a <see cref="ScaleMinimumBlock"/> and 128 bytes of levels from 0 to 15, 32 bytes for each pair of sub-blocks, the first one
/// in the low halves.
/// </summary>
readonly struct Q4_KFormat : IBlockFormat
{
    const int Levels = ScaleMinimumBlock.HeaderBytes;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        for (var pair = 0; pair < 4; pair++)
        {
            var levels = block.Slice(Levels + (32 * pair), 32);
            var (scale, minimum) = ScaleMinimumBlock.Read(block, 2 * pair);
            var (nextScale, nextMinimum) = ScaleMinimumBlock.Read(block, (2 * pair) + 1);
            var low = values.Slice(64 * pair, 32);
            var high = values.Slice((64 * pair) + 32, 32);
            for (var i = 0; i < 32; i++)
            {
                low[i] = (scale * (levels[i] & 0xF)) - minimum;
                high[i] = (nextScale * (levels[i] >> 4)) - nextMinimum;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> levels = stackalloc byte[ScaleMinimumBlock.Length];
        ScaleMinimumBlock.Quantize(values, block, new ScaleMinimumSearch(MaxLevel: 15, FirstShift: -1, Steps: 20, Absolute: false), levels);
        for (var i = 0; i < 128; i++)
        {
            var first = (i / 32 * 64) + (i % 32);
            block[Levels + i] = (byte)(levels[first] | (levels[first + 32] << 4));
        }
    }
}
