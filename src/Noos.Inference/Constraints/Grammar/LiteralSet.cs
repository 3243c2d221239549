namespace Noos.Inference.Constraints.Grammar;

/// <summary>Distinct byte strings in order, so that those with a common beginning are neighbours.</summary>
sealed class LiteralSet(IEnumerable<byte[]> sorted)
{
    readonly byte[][] _literals = [.. sorted];

    public Range32 All => new(0, _literals.Length);

    public int LengthOf(int index) => _literals[index].Length;

    public static List<T> Sort<T>(IEnumerable<T> items, Func<T, byte[]> literal)
    {
        var sorted = items.ToList();
        sorted.Sort((a, b) => literal(a).AsSpan().SequenceCompareTo(literal(b)));
        return sorted;
    }

    /// <summary>The candidates that have the byte at the offset.</summary>
    /// <param name="candidates">Literals with a common beginning of <paramref name="offset"/> bytes, excluded ones aside.</param>
    /// <param name="offset">Bytes read so far.</param>
    /// <param name="value">The next byte.</param>
    /// <param name="excluded">A set of indices below 63 that do not count.</param>
    public Range32 Narrow(Range32 candidates, int offset, byte value, long excluded)
    {
        var (begin, end) = (0, 0);
        for (var i = candidates.Begin; i < candidates.End; i++)
        {
            var isExcluded = i < 63 && ((excluded >> i) & 1) != 0;
            if (!isExcluded && offset < _literals[i].Length && _literals[i][offset] == value)
            {
                begin = end == 0 ? i : begin;
                end = i + 1;
            }
        }

        return new(begin, end);
    }
}
