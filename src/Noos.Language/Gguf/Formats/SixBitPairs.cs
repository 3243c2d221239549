namespace Noos.Language.Gguf.Formats;

/// <summary>
/// The scales and minima of the eight sub-blocks of Q4_K and Q5_K, six bits each, in 12 bytes: bytes 0 to 3 hold the first four scales, 4
/// to 7 the first four minima, 8 to 11 the lower four bits of the others, whose upper two bits lie on top of bytes 0 to 7.
/// </summary>
static class SixBitPairs
{
    public const int Bytes = 12;

    public static (int Scale, int Minimum) Read(ReadOnlySpan<byte> pairs, int index) => index < 4
        ? (pairs[index] & 63, pairs[index + 4] & 63)
        : ((pairs[index + 4] & 0xF) | (pairs[index - 4] >> 6 << 4), (pairs[index + 4] >> 4) | (pairs[index] >> 6 << 4));

    /// <summary>In the order of the indices, from 0.</summary>
    public static void Write(Span<byte> pairs, int index, byte scale, byte minimum)
    {
        if (index < 4)
        {
            pairs[index] = scale;
            pairs[index + 4] = minimum;
            return;
        }

        pairs[index + 4] = (byte)((scale & 0xF) | (minimum << 4));
        pairs[index - 4] |= (byte)(scale >> 4 << 6);
        pairs[index] |= (byte)(minimum >> 4 << 6);
    }
}
