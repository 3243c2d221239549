namespace Noos.Language.Templates.Values;

/// <summary>
/// Text with taint tracking: it knows which of its characters come from the conversation and which the template itself wrote, because
/// special tokens may only be parsed in the latter. llama.cpp's Jinja engine marks whole parts (<c>string_part.is_input</c>); here it is
/// ranges of characters, which slices and replacements keep exact. Immutable. Positions are Python's: code points.
/// </summary>
sealed class TrackedText : IEquatable<TrackedText>
{
    static readonly (int Start, int End)[] s_none = [];

    // Where data stands in UTF-16: in order, without overlap.
    readonly (int Start, int End)[] _data;
    int[]? _offsets;
    int _hash;

    internal TrackedText(string value, (int Start, int End)[] data, bool isSafe = false)
    {
        Value = value;
        _data = data;
        IsSafe = isSafe;
    }

    public static TrackedText Empty { get; } = Literal("");

    public string Value { get; }

    /// <summary>Marked as HTML (Jinja's <c>safe</c>): what is added to it with <c>+</c> is escaped.</summary>
    public bool IsSafe { get; }

    public bool HasData => _data.Length > 0;

    /// <summary>Number of code points.</summary>
    public int Length => Offsets is { } offsets ? offsets.Length - 1 : Value.Length;

    internal ReadOnlySpan<(int Start, int End)> DataRanges => _data;

    // Where each code point begins; null where all are one UTF-16 unit.
    int[]? Offsets
    {
        get
        {
            if (_offsets is null)
            {
                _offsets = Value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? [] : FindOffsets(Value);
            }

            return _offsets.Length == 0 ? null : _offsets;
        }
    }

    /// <summary>Text that the template itself wrote.</summary>
    public static TrackedText Literal(string value) => new(value, s_none);

    /// <summary>Text from outside the template: tainted.</summary>
    public static TrackedText Data(string value) => new(value, value.Length == 0 ? s_none : [(0, value.Length)]);

    /// <summary>Text made from this one in a way that does not tell which character came from where.</summary>
    public TrackedText Derive(string value) => HasData ? Data(value) : Literal(value);

    public TrackedText WithSafe(bool isSafe) => isSafe == IsSafe ? this : new(Value, _data, isSafe);

    /// <summary>The UTF-16 position of a code point.</summary>
    public int OffsetOf(int index) => Offsets is { } offsets ? offsets[index] : index;

    /// <summary>The number of code points before a UTF-16 position that begins one.</summary>
    public int IndexOf(int offset) => Offsets is { } offsets ? Array.BinarySearch(offsets, offset) : offset;

    /// <summary>One character.</summary>
    public TrackedText At(int index) => Cut(OffsetOf(index), OffsetOf(index + 1));

    /// <summary>A part by UTF-16 positions.</summary>
    public TrackedText Cut(int start, int end)
    {
        if (start == 0 && end == Value.Length)
        {
            return this;
        }

        if (_data.Length == 0 || start >= end)
        {
            return new(Value[start..Math.Max(start, end)], s_none, IsSafe);
        }

        var ranges = new List<(int, int)>();
        foreach (var (from, to) in _data.AsSpan(FirstRangeAfter(start)..))
        {
            if (from >= end)
            {
                break;
            }

            ranges.Add((Math.Max(from, start) - start, Math.Min(to, end) - start));
        }

        return new(Value[start..end], [.. ranges], IsSafe);
    }

    public bool IsDataAt(int offset)
    {
        var index = FirstRangeAfter(offset);
        return index < _data.Length && _data[index].Start <= offset;
    }

    public IEnumerable<TemplateSegment> Segments()
    {
        var position = 0;
        foreach (var (start, end) in _data)
        {
            if (start > position)
            {
                yield return new(Value[position..start], IsData: false);
            }

            yield return new(Value[start..end], IsData: true);
            position = end;
        }

        if (position < Value.Length)
        {
            yield return new(Value[position..], IsData: false);
        }
    }

    public bool Equals(TrackedText? other) => other is not null && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as TrackedText);

    // Kept: a long key that is looked up often is read once.
    public override int GetHashCode() => _hash != 0 ? _hash : _hash = Value.GetHashCode(StringComparison.Ordinal) | 1;

    /// <summary>The order of code points, which is not that of UTF-16.</summary>
    public int OrderTo(TrackedText other)
    {
        var left = Value.AsSpan();
        var right = other.Value.AsSpan();
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (left[same], right[same]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? char.IsSurrogate(a).CompareTo(char.IsSurrogate(b)) : a.CompareTo(b);
    }

    public override string ToString() => Value;

    int FirstRangeAfter(int offset)
    {
        var (low, high) = (0, _data.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_data[middle].End <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    static int[] FindOffsets(string value)
    {
        var offsets = new List<int>(value.Length + 1);
        for (var offset = 0; offset < value.Length; offset += char.IsSurrogatePair(value, offset) ? 2 : 1)
        {
            offsets.Add(offset);
        }

        offsets.Add(value.Length);
        return [.. offsets];
    }
}
