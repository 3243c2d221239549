namespace Noos.Inference.Constraints.Grammar;

/// <summary>A set of Unicode scalar values: never a surrogate.</summary>
sealed class CodePointSet
{
    public const int Last = 0x10FFFF;

    // In order, apart from each other, both ends included.
    readonly (int Begin, int End)[] _ranges;

    CodePointSet((int Begin, int End)[] ranges) => _ranges = ranges;

    public static CodePointSet All { get; } = Create((0, Last));

    public bool IsEmpty => _ranges.Length == 0;

    public IReadOnlyList<(int Begin, int End)> Ranges => _ranges;

    public static CodePointSet Create(params IEnumerable<(int Begin, int End)> ranges)
    {
        var merged = new List<(int Begin, int End)>();
        foreach (var (begin, end) in ranges.SelectMany(WithoutSurrogates).Where(range => range.Begin <= range.End).Order())
        {
            if (merged.Count > 0 && begin <= merged[^1].End + 1)
            {
                merged[^1] = (merged[^1].Begin, Math.Max(merged[^1].End, end));
            }
            else
            {
                merged.Add((begin, end));
            }
        }

        return new([.. merged]);
    }

    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (begin, end) in _ranges)
        {
            ranges.Add((next, begin - 1));
            next = end + 1;
        }

        ranges.Add((next, Last));
        return Create(ranges);
    }

    public CodePointSet Union(CodePointSet other) => Create([.. _ranges, .. other._ranges]);

    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    /// <summary>Whether a code point from begin to end is in the set.</summary>
    public bool Intersects(int begin, int end)
    {
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End < begin)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _ranges.Length && _ranges[low].Begin <= end;
    }

    static IEnumerable<(int Begin, int End)> WithoutSurrogates((int Begin, int End) range) =>
        [(range.Begin, Math.Min(range.End, 0xD7FF)), (Math.Max(range.Begin, 0xE000), range.End)];
}
