using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// What Q4_K and Q5_K share: 256 values in eight sub-blocks of 32, each value scale * level - minimum of its sub-block. The block begins
/// with the scales of scales and minima as 16-bit floats, then their <see cref="SixBitPairs"/>.
/// </summary>
static class ScaleMinimumBlock
{
    public const int Length = 256;
    public const int HeaderBytes = (2 * sizeof(ushort)) + SixBitPairs.Bytes;

    const int SubBlockLength = Length / SubBlockLanes.Count;
    const int Pairs = 2 * sizeof(ushort);

    public static (float Scale, float Minimum) Read(ReadOnlySpan<byte> block, int subBlock)
    {
        var (scale, minimum) = SixBitPairs.Read(block[Pairs..HeaderBytes], subBlock);
        return (
            (float)BinaryPrimitives.ReadHalfLittleEndian(block) * scale,
            (float)BinaryPrimitives.ReadHalfLittleEndian(block[sizeof(ushort)..]) * minimum);
    }

    /// <summary>Writes the header and gives the 256 levels.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block, ScaleMinimumSearch search, Span<byte> levels)
    {
        Span<Vector256<float>> lanes = stackalloc Vector256<float>[SubBlockLength];
        Span<Vector256<float>> weights = stackalloc Vector256<float>[SubBlockLength];
        Span<Vector256<float>> found = stackalloc Vector256<float>[SubBlockLength];
        SubBlockLanes.Load(values, lanes);
        var squares = Vector256<float>.Zero;
        foreach (var value in lanes)
        {
            squares += value * value;
        }

        // ggml's weights: |x| plus the root mean square. Large values matter more, but with |x| alone those near zero would be rounded at
        // random, and there are many of them.
        var typical = Vector256.Sqrt(squares / SubBlockLength);
        for (var i = 0; i < SubBlockLength; i++)
        {
            weights[i] = typical + Vector256.Abs(lanes[i]);
        }

        var (scale, minimum) = search.Find(lanes, weights, found);
        WriteHeader(block, scale, minimum);

        // The levels are those of the stored scales, which were rounded.
        for (var i = 0; i < SubBlockLanes.Count; i++)
        {
            var stored = Read(block, i);
            scale = scale.WithElement(i, stored.Scale);
            minimum = minimum.WithElement(i, stored.Minimum);
        }

        var empty = Vector256.Equals(scale, Vector256<float>.Zero);
        for (var i = 0; i < SubBlockLength; i++)
        {
            found[i] = SubBlockLanes.Choose(empty, found[i], SubBlockLanes.Nearest((lanes[i] + minimum) / scale, 0, search.MaxLevel));
        }

        SubBlockLanes.Store(found, levels);
    }

    static void WriteHeader(Span<byte> block, Vector256<float> scales, Vector256<float> minima)
    {
        var (largestScale, largestMinimum) = (0f, 0f);
        for (var i = 0; i < SubBlockLanes.Count; i++)
        {
            largestScale = scales[i] > largestScale ? scales[i] : largestScale;
            largestMinimum = minima[i] > largestMinimum ? minima[i] : largestMinimum;
        }

        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)(largestScale / 63));
        BinaryPrimitives.WriteHalfLittleEndian(block[sizeof(ushort)..], (Half)(largestMinimum / 63));
        var inverseScale = largestScale > 0 ? 63 / largestScale : 0;
        var inverseMinimum = largestMinimum > 0 ? 63 / largestMinimum : 0;
        for (var i = 0; i < SubBlockLanes.Count; i++)
        {
            SixBitPairs.Write(block[Pairs..HeaderBytes], i, SixBits(inverseScale * scales[i]), SixBits(inverseMinimum * minima[i]));
        }
    }

    // ggml's MIN(63, nearest_int(...)): the largest scale may round to 64.
    static byte SixBits(float value) => Math.Min((byte)63, (byte)SubBlockLanes.Nearest(value));
}
