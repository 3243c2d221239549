using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 levels whose lower four bits lie in 16 bytes: level i in the low half of byte i, level i + 16 in the high half.</summary>
static class NibbleLevels
{
    public const int Bytes = 16;

    /// <summary>The 32 levels, 0 to 15.</summary>
    public static Vector256<byte> Read(ReadOnlySpan<byte> packed)
    {
        var pairs = Vector128.Create(packed);
        return Vector256.Create(pairs & Vector128.Create((byte)0xF), pairs >> 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Vector256<byte> levels, Span<byte> packed)
    {
        var lower = levels & Vector256.Create((byte)0xF);
        (lower.GetLower() | (lower.GetUpper() << 4)).CopyTo(packed);
    }

    /// <summary>Bit i is the fifth bit of level i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FifthBits(Vector256<byte> levels) => (levels << 3).ExtractMostSignificantBits();

    /// <summary>16 for each level whose bit is set, else 0.</summary>
    public static Vector256<byte> Sixteens(uint fifthBits)
    {
        // Each byte of the bits goes to the eight levels that it tells about.
        var spread = Vector256.Create(0x0101_0101_0101_0101ul)
            * Vector256.Create(fifthBits & 0xFFul, fifthBits >> 8 & 0xFF, fifthBits >> 16 & 0xFF, fifthBits >> 24);
        var bits = Vector256.Create(0x8040_2010_0804_0201ul).AsByte();
        return Vector256.Equals(spread.AsByte() & bits, bits) & Vector256.Create((byte)16);
    }

    /// <summary>
    /// The levels of 32 values: (value - minimum) * inverse + rounding, cut to a whole number of at most <paramref name="max"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quantize(ReadOnlySpan<float> values, float minimum, float inverse, float rounding, int max)
    {
        return Vector256.Narrow(
            Vector256.Narrow(Eight(values), Eight(values[8..])),
            Vector256.Narrow(Eight(values[16..]), Eight(values[24..]))).AsByte();

        Vector256<int> Eight(ReadOnlySpan<float> eight)
        {
            var level = ((Vector256.Create(eight) - Vector256.Create(minimum)) * Vector256.Create(inverse)) + Vector256.Create(rounding);
            return Vector256.Min(Vector256.ConvertToInt32Native(level), Vector256.Create(max));
        }
    }

    /// <summary>Values from 32 levels: (level - middle) * scale + minimum.</summary>
    public static void Dequantize(Vector256<byte> levels, sbyte middle, float scale, float minimum, Span<float> values)
    {
        var (low, high) = Vector256.Widen(levels.AsSByte() - Vector256.Create(middle));
        Eight(Vector256.WidenLower(low), values);
        Eight(Vector256.WidenUpper(low), values[8..]);
        Eight(Vector256.WidenLower(high), values[16..]);
        Eight(Vector256.WidenUpper(high), values[24..]);

        void Eight(Vector256<int> level, Span<float> eight) =>
            ((Vector256.ConvertToSingle(level) * Vector256.Create(scale)) + Vector256.Create(minimum)).CopyTo(eight);
    }
}
