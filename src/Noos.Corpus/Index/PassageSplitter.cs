namespace Noos.Corpus.Index;

/// <summary>
/// Cuts a text into passages: whole paragraphs where they fit, else whole sentences, else whole words. Passages follow each other without
/// overlap, and nothing but white space lies between them.
/// </summary>
public static class PassageSplitter
{
    static readonly HashSet<string> s_abbreviations = new(
        ["mr", "mrs", "ms", "dr", "prof", "st", "mt", "jr", "sr", "no", "vs", "etc", "fig", "vol", "pp", "ca", "cf", "approx", "gen", "col",
            "lt", "sgt", "capt", "rev", "hon", "inc", "ltd", "co", "op"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Where each passage stands in the text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">Characters of the longest passage, at least 16.</param>
    public static IEnumerable<(int Start, int Length)> Split(string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 16);
        return Cut();

        IEnumerable<(int Start, int Length)> Cut()
        {
            var (start, end) = (-1, 0);
            foreach (var (first, last) in Units(text, maxLength))
            {
                // A paragraph that would fit begins anew rather than being torn.
                if (start >= 0 && last - start > maxLength)
                {
                    yield return (start, end - start);
                    start = -1;
                }

                start = start < 0 ? first : start;
                end = last;
            }

            if (start >= 0)
            {
                yield return (start, end - start);
            }
        }
    }

    /// <summary>Paragraphs, or the sentences of those that are too long, or pieces of sentences; without white space around them.</summary>
    static IEnumerable<(int Start, int End)> Units(string text, int maxLength)
    {
        for (var start = 0; start < text.Length;)
        {
            var line = text.IndexOf('\n', start);
            var end = line < 0 ? text.Length : line;
            foreach (var sentence in end - start <= maxLength ? [(start, end)] : Sentences(text, start, end))
            {
                foreach (var piece in Pieces(text, sentence.Item1, sentence.Item2, maxLength))
                {
                    yield return piece;
                }
            }

            start = end + 1;
        }
    }

    /// <summary>Where sentences stand in a stretch of text; a line ends one, too.</summary>
    internal static IEnumerable<(int Start, int End)> Sentences(string text, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (text[i] == '\n')
            {
                yield return (start, i);
                start = i + 1;
            }
            else if (text[i] is '.' or '!' or '?' && EndsSentence(text, start, i, end) is var next and > 0)
            {
                yield return (start, next);
                (start, i) = (next, next - 1);
            }
        }

        yield return (start, end);
    }

    /// <summary>Where the next sentence begins if one ends with a mark; else 0.</summary>
    static int EndsSentence(string text, int start, int mark, int end)
    {
        var next = mark + 1;
        while (next < end && text[next] is '"' or '\'' or ')' or '\u201D' or '\u2019')
        {
            next++;
        }

        if (next >= end || text[next] != ' ')
        {
            return 0;
        }

        while (next < end && text[next] == ' ')
        {
            next++;
        }

        if (next == end || char.IsLower(text[next]))
        {
            return 0;
        }

        // "J. K. Rowling", "c. 1500", "St. Louis"
        var word = mark;
        while (word > start && char.IsLetter(text[word - 1]))
        {
            word--;
        }

        var length = mark - word;
        return text[mark] == '.' && (length == 1 || s_abbreviations.Contains(text.Substring(word, length))) ? 0 : next;
    }

    static IEnumerable<(int Start, int End)> Pieces(string text, int start, int end, int maxLength)
    {
        while (true)
        {
            while (start < end && char.IsWhiteSpace(text[start]))
            {
                start++;
            }

            while (end > start && char.IsWhiteSpace(text[end - 1]))
            {
                end--;
            }

            if (end - start <= maxLength)
            {
                if (end > start)
                {
                    yield return (start, end);
                }

                yield break;
            }

            var cut = text.LastIndexOf(' ', start + maxLength - 1, maxLength / 2);
            cut = cut < 0 ? start + maxLength : cut;
            cut -= char.IsHighSurrogate(text[cut - 1]) ? 1 : 0;
            var last = cut;
            while (last > start && char.IsWhiteSpace(text[last - 1]))
            {
                last--;
            }

            yield return (start, last);
            start = cut;
        }
    }
}
