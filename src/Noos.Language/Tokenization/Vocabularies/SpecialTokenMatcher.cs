using System.Buffers;

namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>
/// Cuts the names of special tokens out of text before it is encoded (<c>tokenizer_st_partition</c> in llama.cpp, "added tokens" in Hugging
/// Face's tokenizers): a longer name before a shorter one, and each from left to right. Read-only, so thread-safe.
/// </summary>
sealed class SpecialTokenMatcher
{
    readonly Name[] _sorted;            // by their bytes, so that the names with a common beginning are a range
    readonly Name[] _longestFirst;
    readonly int[] _firsts = new int[257];
    readonly SearchValues<byte> _firstBytes;

    public SpecialTokenMatcher(IEnumerable<Name> names)
    {
        _sorted = [.. names.Where(name => name.Bytes.Length > 0)];
        Array.Sort(_sorted, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        foreach (var name in _sorted)
        {
            _firsts[name.Bytes[0] + 1]++;
        }

        _firstBytes = SearchValues.Create(
            [.. Enumerable.Range(0, 256).Where(value => _firsts[value + 1] > 0).Select(value => (byte)value)]);
        for (var value = 0; value < 256; value++)
        {
            _firsts[value + 1] += _firsts[value];
        }

        _longestFirst = [.. _sorted.OrderByDescending(name => name.Bytes.Length).ThenBy(name => name.Token)];
    }

    public bool IsEmpty => _sorted.Length == 0;

    /// <summary>The parts of a text in order; null if no name occurs in it.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="mayBe">Whether a part may be the token whose name it has; null where all may.</param>
    public List<Part>? Cut(ReadOnlySpan<byte> text, Predicate<Part>? mayBe = null)
    {
        var occurring = IsEmpty ? null : FindOccurring(text);
        if (occurring is null)
        {
            return null;
        }

        var parts = new List<Part> { new(0, text.Length, -1) };
        // llama.cpp's order: the whole text is cut at the longest name, then what is left at the next. Of "<|im_end|>" and "<|im" the
        // former wins wherever it stands, even where the latter begins earlier.
        foreach (var name in _longestFirst)
        {
            if (occurring.Remove(name.Token))
            {
                parts = Cut(text, parts, name, mayBe);
                if (occurring.Count == 0)
                {
                    break;
                }
            }
        }

        return parts;
    }

    static List<Part> Cut(ReadOnlySpan<byte> text, List<Part> parts, Name name, Predicate<Part>? mayBe)
    {
        var cut = new List<Part>(parts.Count + 2);
        foreach (var part in parts)
        {
            if (part.Token >= 0)
            {
                cut.Add(part);
                continue;
            }

            var (start, end) = (part.Start, part.End);
            var from = start;
            while (text[from..end].IndexOf(name.Bytes) is var offset and >= 0)
            {
                var found = new Part(from + offset, from + offset + name.Bytes.Length, name.Token);
                if (mayBe?.Invoke(found) == false)
                {
                    // One byte on, not behind it: the name may begin again within itself.
                    from = found.Start + 1;
                    continue;
                }

                if (found.Start > start)
                {
                    cut.Add(new Part(start, found.Start, -1));
                }

                cut.Add(found);
                start = found.End;
                while (name.TakesSpaceAfter && start < end && text[start] is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r'))
                {
                    start++;
                }

                from = start;
            }

            if (start < end)
            {
                cut.Add(new Part(start, end, -1));
            }
        }

        return cut;
    }

    /// <summary>The tokens whose names stand anywhere in the text, in one walk; null if there are none.</summary>
    HashSet<int>? FindOccurring(ReadOnlySpan<byte> text)
    {
        HashSet<int>? occurring = null;
        var missing = new int[256];
        for (var value = 0; value < 256; value++)
        {
            missing[value] = _firsts[value + 1] - _firsts[value];
        }

        for (var position = 0; text[position..].IndexOfAny(_firstBytes) is var offset and >= 0; position++)
        {
            position += offset;
            var rest = text[position..];
            if (missing[rest[0]] == 0)
            {
                // All names with this beginning are known to occur: a long run of spaces is walked only once.
                continue;
            }

            // Sorted by bytes, the names that share the first bytes of what is left are a range; each further byte narrows it by two binary
            // searches. No text is walked twice, and thousands of names cost no more than a few.
            var (low, high) = (_firsts[rest[0]], _firsts[rest[0] + 1]);
            for (var length = 1; low < high; length++)
            {
                // The shortest of the names with this beginning comes first.
                while (low < high && _sorted[low].Bytes.Length == length)
                {
                    missing[rest[0]] -= (occurring ??= []).Add(_sorted[low].Token) ? 1 : 0;
                    low++;
                }

                if (length == rest.Length)
                {
                    break;
                }

                high = FirstFrom(low, high, length, rest[length] + 1);
                low = FirstFrom(low, high, length, rest[length]);
            }
        }

        return occurring;
    }

    /// <summary>The first of the names from low to high whose byte at a position is at least a value.</summary>
    int FirstFrom(int low, int high, int position, int value)
    {
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sorted[middle].Bytes[position] < value)
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

    /// <param name="Bytes">The text that is the token.</param>
    /// <param name="Token">Its id.</param>
    /// <param name="TakesSpaceAfter">White space after it is dropped.</param>
    public sealed record Name(byte[] Bytes, int Token, bool TakesSpaceAfter);

    /// <param name="Start">Where the part begins.</param>
    /// <param name="End">Where it ends (exclusive).</param>
    /// <param name="Token">The token that it is, -1 for text.</param>
    public readonly record struct Part(int Start, int End, int Token);
}
