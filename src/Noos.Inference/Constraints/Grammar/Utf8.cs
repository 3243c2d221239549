namespace Noos.Inference.Constraints.Grammar;

/// <summary>UTF-8 (RFC 3629) byte by byte: which code points can still come of the bytes read.</summary>
static class Utf8
{
    /// <summary>Reads a first byte.</summary>
    /// <param name="range">The code points it can begin, both ends included.</param>
    /// <returns>How many bytes must follow; -1 when no character begins so.</returns>
    public static int Begin(byte value, out Range32 range)
    {
        (range, var left) = value switch
        {
            < 0x80 => (new Range32(value, value), 0),
            < 0xC2 => (default, -1),
            < 0xE0 => (new Range32((value & 0x1F) << 6, ((value & 0x1F) << 6) | 0x3F), 1),
            < 0xF0 => (new Range32(Math.Max((value & 0x0F) << 12, 0x800), ((value & 0x0F) << 12) | 0xFFF), 2),
            < 0xF5 => (new Range32(Math.Max((value & 0x07) << 18, 0x10000), Math.Min(((value & 0x07) << 18) | 0x3FFFF, 0x10FFFF)), 3),
            _ => (default, -1),
        };
        return left;
    }

    /// <summary>Reads a further byte.</summary>
    /// <returns>How many bytes must still follow; -1 when it does not fit.</returns>
    public static int Continue(byte value, int left, ref Range32 range)
    {
        if (value is < 0x80 or > 0xBF)
        {
            return -1;
        }

        var shift = 6 * (left - 1);
        var first = (range.End >> (shift + 6) << (shift + 6)) | ((value & 0x3F) << shift);
        range = new Range32(Math.Max(range.Begin, first), Math.Min(range.End, first | ((1 << shift) - 1)));
        return range.Begin > range.End ? -1 : left - 1;
    }
}
