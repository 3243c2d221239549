using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values: a <see cref="ScaleMinimumBlock"/>, then 32 bytes of which bit j of byte i is the fifth bit of value i of sub-block j, then
/// the lower four bits of the levels as in <see cref="Q4_KFormat"/>.
/// </summary>
readonly struct Q5_KFormat : IBlockFormat
{
    const int FifthBits = ScaleMinimumBlock.HeaderBytes;
    const int Levels = FifthBits + 32;

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var fifth = block[FifthBits..Levels];
        for (var pair = 0; pair < 4; pair++)
        {
            var levels = block.Slice(Levels + (32 * pair), 32);
            var (scale, minimum) = ScaleMinimumBlock.Read(block, 2 * pair);
            var (nextScale, nextMinimum) = ScaleMinimumBlock.Read(block, (2 * pair) + 1);
            var low = values.Slice(64 * pair, 32);
            var high = values.Slice((64 * pair) + 32, 32);
            for (var i = 0; i < 32; i++)
            {
                var bits = fifth[i] >> (2 * pair);
                low[i] = (scale * ((levels[i] & 0xF) | ((bits & 1) << 4))) - minimum;
                high[i] = (nextScale * ((levels[i] >> 4) | ((bits & 2) << 3))) - nextMinimum;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> levels = stackalloc byte[ScaleMinimumBlock.Length];
        ScaleMinimumBlock.Quantize(
            values, block, new ScaleMinimumSearch(MaxLevel: 31, FirstShift: -0.5f, Steps: 15, Absolute: false), levels);
        var fifth = block[FifthBits..Levels];
        fifth.Clear();
        for (var i = 0; i < levels.Length; i++)
        {
            fifth[i % 32] |= (byte)(levels[i] >> 4 << (i / 32));
        }

        for (var i = 0; i < 128; i++)
        {
            var first = (i / 32 * 64) + (i % 32);
            block[Levels + i] = (byte)((levels[first] & 0xF) | (levels[first + 32] << 4));
        }
    }
}
