namespace Noos.Corpus.Index;

/// <summary>The part of a text that fits a question best: whole sentences that follow each other, as they stand there.</summary>
public static class Excerpt
{
    const int MinLength = 16;

    /// <summary>Where the part stands.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="maxLength">Characters of the part, at least 16.</param>
    public static (int Start, int Length) Find(string text, SearchQuery query, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, MinLength);
        if (text.Length <= maxLength)
        {
            return (0, text.Length);
        }

        var wanted = query.Words.Select(word => word.Stem).ToHashSet(StringComparer.Ordinal);
        var sentences = Sentences(text, maxLength)
            .Select(place => (place.Start, place.Length, Words: Found(text.Substring(place.Start, place.Length), wanted))).ToArray();

        // A word that few sentences have says more than one that all have.
        var weights = wanted.ToDictionary(
            word => word, word => 1.0 / Math.Max(1, sentences.Count(sentence => sentence.Words.Contains(word))), StringComparer.Ordinal);
        var best = (First: 0, Last: 0, Score: -1.0);
        for (var first = 0; first < sentences.Length; first++)
        {
            var words = new HashSet<string>(StringComparer.Ordinal);
            for (var last = first; last < sentences.Length; last++)
            {
                if (sentences[last].Start + sentences[last].Length - sentences[first].Start > maxLength)
                {
                    break;
                }

                words.UnionWith(sentences[last].Words);
                // Of equal ones the earlier, and of those the longer.
                var score = words.Sum(word => weights[word]);
                if (score > best.Score || (score >= best.Score && first == best.First))
                {
                    best = (first, last, score);
                }
            }
        }

        var start = sentences.Length > 0 ? sentences[best.First].Start : 0;
        return sentences.Length > 0 ? (start, sentences[best.Last].Start + sentences[best.Last].Length - start) : (0, 0);
    }

    static IEnumerable<(int Start, int Length)> Sentences(string text, int maxLength)
    {
        foreach (var (start, end) in PassageSplitter.Sentences(text, 0, text.Length))
        {
            foreach (var (place, length) in PassageSplitter.Split(text[start..end], maxLength))
            {
                yield return (start + place, length);
            }
        }
    }

    static HashSet<string> Found(string sentence, HashSet<string> wanted) =>
        IndexWord.Read(sentence).Select(word => word.Stem).Where(wanted.Contains).ToHashSet(StringComparer.Ordinal);
}
