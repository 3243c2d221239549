using System.Text;

namespace Noos.Kernel.Memory;

/// <summary>
/// Finds passages of texts by words, the best first (Okapi BM25 over pieces of a few sentences; words in any ending). Made anew for each
/// search: what is paged out of one process is read faster than an index would be.
/// </summary>
public sealed class PassageSearch
{
    const int MaxPassage = 400;
    const double Saturation = 1.2;
    const double LengthWeight = 0.75;

    // From here on scripts do not part their words: each sign counts as one.
    const int FirstUnspaced = 0x2E80;

    static readonly string[] s_endings = ["'s", "ing", "ed", "es", "s"];

    readonly List<(Passage Passage, Dictionary<string, int> Words, int Length)> _pieces = [];
    readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);

    /// <summary>Adds the text of a page.</summary>
    public void Add(int page, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var piece in Split(text))
        {
            var words = new Dictionary<string, int>(StringComparer.Ordinal);
            var length = 0;
            foreach (var word in WordsOf(piece))
            {
                words[word] = words.GetValueOrDefault(word) + 1;
                length++;
            }

            foreach (var word in words.Keys)
            {
                _occurrences[word] = _occurrences.GetValueOrDefault(word) + 1;
            }

            _pieces.Add((new Passage(page, piece), words, length));
        }
    }

    /// <summary>The passages that have any of the words, the best first.</summary>
    /// <param name="words">What is looked for.</param>
    /// <param name="maxLength">All together have at most so many characters; the first is cut to it.</param>
    public IReadOnlyList<Passage> Find(string words, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(words);
        string[] wanted = [.. WordsOf(words).Distinct(StringComparer.Ordinal)];
        var mean = _pieces.Count == 0 ? 1 : Math.Max(1, _pieces.Average(piece => piece.Length));
        var found = new List<Passage>();
        var left = maxLength;
        foreach (var (passage, _) in _pieces.Select((piece, index) => (piece.Passage, Score: Score(piece.Words, piece.Length), index))
            .Where(scored => scored.Score > 0).OrderByDescending(scored => scored.Score).ThenByDescending(scored => scored.index)
            .Select(scored => (scored.Passage, scored.Score)))
        {
            if (passage.Text.Length <= left || found.Count == 0)
            {
                found.Add(passage.Text.Length <= left ? passage : passage with { Text = Cut(passage.Text, left) });
                left -= passage.Text.Length;
            }

            if (left <= 0)
            {
                break;
            }
        }

        return found;

        double Score(Dictionary<string, int> piece, int length)
        {
            var score = 0.0;
            foreach (var word in wanted)
            {
                if (piece.TryGetValue(word, out var count))
                {
                    var rarity = Math.Log(1 + ((_pieces.Count - _occurrences[word] + 0.5) / (_occurrences[word] + 0.5)));
                    score += rarity * count * (Saturation + 1)
                        / (count + (Saturation * (1 - LengthWeight + (LengthWeight * length / mean))));
                }
            }

            return score;
        }
    }

    /// <summary>The beginning of a text, which ends with a whole character.</summary>
    internal static string Cut(string text, int length) => text.Length <= length ? text
        : text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    /// <summary>At ends of lines or sentences where there are some, else anywhere.</summary>
    static IEnumerable<string> Split(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(MaxPassage, text.Length - start);
            if (start + length < text.Length)
            {
                var end = text.AsSpan(start, length).LastIndexOfAny('\n', '.', ' ');
                var sentence = text.AsSpan(start, length).LastIndexOfAny('\n', '.');
                length = sentence > length / 2 ? sentence + 1 : end > 0 ? end + 1 : length;
                length -= char.IsHighSurrogate(text[start + length - 1]) && length > 1 ? 1 : 0;
            }

            var piece = text.Substring(start, length).Trim();
            start += length;
            if (piece.Length > 0)
            {
                yield return piece;
            }
        }
    }

    static IEnumerable<string> WordsOf(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) && rune.Value < FirstUnspaced)
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            if (word.Length > 0)
            {
                yield return Stem(word.ToString());
                word.Clear();
            }

            if (Rune.IsLetterOrDigit(rune))
            {
                yield return rune.ToString();
            }
        }

        if (word.Length > 0)
        {
            yield return Stem(word.ToString());
        }
    }

    static string Stem(string word)
    {
        const int MinStem = 3;
        var ending = Array.Find(s_endings, one => word.Length >= one.Length + MinStem && word.EndsWith(one, StringComparison.Ordinal));
        return ending is null ? word : word[..^ending.Length];
    }
}
