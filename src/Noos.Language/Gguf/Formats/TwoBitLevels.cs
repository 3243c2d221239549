using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 two-bit numbers in 64 bytes: byte i of each half holds the values i, i + 32, i + 64 and i + 96 of its 128, from the lowest bits up.
/// </summary>
static class TwoBitLevels
{
    public const int Bytes = 64;

    const int Stride = 32;

    public static void Read(ReadOnlySpan<byte> packed, Span<byte> levels)
    {
        for (var i = 0; i < 8; i++)
        {
            ((Vector256.Create(packed[(i / 4 * Stride)..]) >> (i % 4 * 2)) & Vector256.Create((byte)3)).CopyTo(levels[(i * Stride)..]);
        }
    }

    /// <param name="levels">0 to 3 each.</param>
    /// <param name="packed">Where to.</param>
    public static void Write(ReadOnlySpan<byte> levels, Span<byte> packed)
    {
        for (var half = 0; half < 2; half++)
        {
            var own = levels[(half * 4 * Stride)..];
            (Vector256.Create(own) | (Vector256.Create(own[Stride..]) << 2) | (Vector256.Create(own[(2 * Stride)..]) << 4)
                | (Vector256.Create(own[(3 * Stride)..]) << 6))
                .CopyTo(packed[(half * Stride)..]);
        }
    }
}
