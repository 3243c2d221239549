namespace Noos.Language.Gguf.Formats;

/// <summary>256 two-bit numbers in 64 bytes: byte i of each half holds the values i, i + 32, i + 64 and i + 96 of its 128, from the lowest bits up.</summary>
static class TwoBitLevels
{
    public const int Bytes = 64;

    public static int Read(ReadOnlySpan<byte> packed, int index) => packed[(index / 128 * 32) + (index % 32)] >> (index % 128 / 32 * 2) & 3;

    public static void Write(ReadOnlySpan<byte> levels, Span<byte> packed)
    {
        for (var i = 0; i < Bytes; i++)
        {
            var first = (i / 32 * 128) + (i % 32);
            packed[i] = (byte)(levels[first] | (levels[first + 32] << 2) | (levels[first + 64] << 4) | (levels[first + 96] << 6));
        }
    }
}
