using System.Collections.Frozen;
using System.Text;

namespace Noos.Kernel.Speech;

/// <summary>
/// Text into sentences, also while it is still being written: <see cref="Push"/> gives those that have ended, <see cref="Flush"/> the
/// rest. A full stop ends no sentence after an abbreviation, an initial or inside a number. Not thread-safe.
/// </summary>
public sealed class SentenceSplitter
{
    // Longer than anybody speaks in one breath; then a space is as good as a full stop.
    const int MaxLength = 600;

    static readonly FrozenSet<string> s_abbreviations = FrozenSet.ToFrozenSet(
        [
            "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "e.g", "i.e", "vol", "fig", "approx", "dept", "est", "gen",
            "gov", "sen", "rep", "rev", "hon", "capt", "col", "lt", "sgt", "mt", "ave", "blvd", "rd", "inc", "ltd", "corp", "co",
            "cf", "al",
            "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "a.m", "p.m", "u.s", "u.k",
        ],
        StringComparer.OrdinalIgnoreCase);

    readonly StringBuilder _pending = new();

    /// <summary>The sentences of a whole text.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var splitter = new SentenceSplitter();
        List<string> sentences = [.. splitter.Push(text)];
        if (splitter.Flush() is { } last)
        {
            sentences.Add(last);
        }

        return sentences;
    }

    /// <summary>Takes more text; returns the sentences that are complete with it.</summary>
    public IReadOnlyList<string> Push(string text)
    {
        _pending.Append(text);
        var sentences = new List<string>();
        for (var end = FindEnd(); end > 0; end = FindEnd())
        {
            Add(sentences, _pending.ToString(0, end));
            _pending.Remove(0, end);
        }

        return sentences;
    }

    /// <summary>What is left when nothing more comes; null for nothing.</summary>
    public string? Flush()
    {
        var sentences = new List<string>();
        Add(sentences, _pending.ToString());
        _pending.Clear();
        return sentences.FirstOrDefault();
    }

    static void Add(List<string> sentences, string text)
    {
        var sentence = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (sentence.Any(char.IsLetterOrDigit))
        {
            sentences.Add(sentence);
        }
    }

    /// <summary>How many characters the first sentence has, with what ends it; 0 where it has not ended yet.</summary>
    int FindEnd()
    {
        for (var i = 0; i < _pending.Length; i++)
        {
            var letter = _pending[i];
            if (letter == '\n')
            {
                // A line of its own, such as a heading or an item, is a sentence; so is whatever stands before an empty line.
                if (IsBreak(i))
                {
                    return i + 1;
                }

                continue;
            }

            if (letter is '.' or '!' or '?' or '…')
            {
                var end = i + 1;
                while (end < _pending.Length && _pending[end] is '.' or '!' or '?' or '"' or '\'' or ')' or ']' or '”' or '’')
                {
                    end++;
                }

                // Whether it ends depends on what follows.
                if (end < _pending.Length && char.IsWhiteSpace(_pending[end]) && (letter != '.' || end > i + 1 || !IsInside(i)))
                {
                    return end;
                }

                i = end - 1;
            }
            else if (i > MaxLength && letter == ' ')
            {
                return i + 1;
            }
        }

        return 0;
    }

    /// <summary>A line break ends what stands before it unless the text goes on in the same sentence.</summary>
    bool IsBreak(int at)
    {
        var next = at + 1;
        while (next < _pending.Length && _pending[next] is ' ' or '\t')
        {
            next++;
        }

        // Lines that were only wrapped go on with a small letter.
        return next < _pending.Length && !char.IsLower(_pending[next]);
    }

    /// <summary>A full stop that belongs to the word before it.</summary>
    bool IsInside(int stop)
    {
        var start = stop;
        while (start > 0 && (char.IsLetterOrDigit(_pending[start - 1]) || _pending[start - 1] == '.'))
        {
            start--;
        }

        var word = _pending.ToString(start, stop - start);

        // "J. Smith", "12. item": a single letter or a number at the beginning.
        return s_abbreviations.Contains(word)
            || (word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I')
            || (start == 0 && word.Length is > 0 and <= 2 && word.All(char.IsAsciiDigit));
    }
}
