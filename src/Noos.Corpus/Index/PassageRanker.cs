using System.Text.RegularExpressions;

namespace Noos.Corpus.Index;

/// <summary>
/// Scores passages for a question: BM25 over title and text, plus what BM25 does not see: words that stand together, words that are
/// lacking, a title that the question names. Scores of passages from several places can be compared.
/// </summary>
/// <param name="query">The question.</param>
/// <param name="weights">How rare each of its words is (inverse document frequency), in their order.</param>
/// <param name="pairWeights">
/// How rare each word is together with the next, where they stand side by side: "first president" says more than its words do, "united
/// states" hardly more. 0 where they do not.
/// </param>
/// <param name="options">How much each counts.</param>
sealed partial class PassageRanker(
    SearchQuery query, IReadOnlyList<double> weights, IReadOnlyList<double> pairWeights, RankingOptions options)
{
    const int MaxDistance = 3;

    readonly Dictionary<string, int> _words = query.Words.Select((word, index) => (word.Stem, index))
        .ToDictionary(word => word.Stem, word => word.index, StringComparer.Ordinal);

    readonly (int First, int Second, int Distance)[] _pairs =
    [
        .. query.Words.Zip(query.Words.Skip(1)).Select((pair, index) => (index, index + 1, pair.Second.Position - pair.First.Position))
            .Where(pair => pair.Item3 <= MaxDistance),
        // "First US president" is the first president.
        .. from first in Enumerable.Range(0, query.Words.Count)
           where query.Words[first].IsOrdinal
           from second in Enumerable.Range(first + 2, Math.Max(0, query.Words.Count - first - 2))
           select (first, second, 1),
    ];

    readonly double _total = weights.Sum();

    /// <summary>The weight of a word that so many of the passages have.</summary>
    public static double WeightOf(int having, int passages) => Math.Log(1 + ((passages - having + 0.5) / (having + 0.5)));

    public double Score(Passage passage)
    {
        var title = Match(passage.Title);
        var text = Match(passage.Text);
        var norm = options.Saturation
            * (1 - options.LengthPenalty + (options.LengthPenalty * text.Length / options.UsualLength));
        // A word of a title that is about something else says little: the Chicago Theatre is not Chicago.
        var titleWeight = title.Length > 0 ? options.TitleWeight * title.Known / title.Length : 0;
        var (score, covered) = (0.0, 0.0);
        for (var i = 0; i < weights.Count; i++)
        {
            var count = text.Counts[i] + (titleWeight * Math.Min(1, title.Counts[i]));
            if (count > 0)
            {
                score += weights[i] * count * (options.Saturation + 1) / (count + norm);
                covered += weights[i];
            }
        }

        foreach (var (first, second, distance) in _pairs)
        {
            // No further apart than in the question: the first vice president is not the first president.
            if (Math.Min(text.DistanceOf(first, second), title.DistanceOf(first, second)) <= distance)
            {
                score += options.PairWeight * Math.Max(pairWeights[first], (weights[first] + weights[second]) / 2);
            }
        }

        if (title.Length > 0 && title.Known == title.Length)
        {
            score += options.WholeTitle * title.Counts.Select((count, index) => count > 0 ? weights[index] : 0).Sum();
        }

        score *= Math.Pow(_total > 0 ? covered / _total : 0, options.Coverage);
        score *= passage.Number == 1 ? (1 + options.FirstPassage) * (IsDefinition(passage.Text) ? 1 + options.Lead : 1) : 1;
        return query.AsksForPerson && passage.Number == 1 && Lifetime().IsMatch(passage.Text) ? score * (1 + options.Person) : score;
    }

    /// <summary>
    /// Whether the first words of a text say all that the question asks for: then it is about that. Only one can be the first of something,
    /// and many texts tell of him; of other questions such a text is no likelier to have the answer than others.
    /// </summary>
    bool IsDefinition(string text)
    {
        if (!query.Words.Any(word => word.IsOrdinal))
        {
            return false;
        }

        var lead = Match(IndexWord.Read(text).Take((int)options.LeadWords));
        for (var i = 0; i < weights.Count; i++)
        {
            // An ordinal that belongs to another word is another one.
            if (lead.Counts[i] == 0 || (query.Words[i].IsOrdinal
                && !_pairs.Any(pair => pair.First == i && lead.DistanceOf(i, pair.Second) <= pair.Distance)))
            {
                return false;
            }
        }

        return weights.Count > 1;
    }

    Matches Match(string text) => Match(IndexWord.Read(text));

    /// <summary>What a text has of the question.</summary>
    Matches Match(IEnumerable<IndexWord> text)
    {
        var counts = new int[weights.Count];
        var pairs = new Dictionary<(int, int), int>();
        var (length, known, last, lastAt) = (0, 0, -1, 0);
        var position = 0;
        foreach (var word in text)
        {
            position++;
            if (!_words.TryGetValue(word.Stem, out var index))
            {
                length += StopWords.Contains(word.Text) ? 0 : 1;
                continue;
            }

            length++;
            known++;
            counts[index]++;
            if (last >= 0 && position - lastAt <= MaxDistance)
            {
                pairs[(last, index)] = Math.Min(pairs.GetValueOrDefault((last, index), MaxDistance), position - lastAt);
            }

            (last, lastAt) = (index, position);
        }

        return new Matches(counts, pairs, length, known);
    }

    // "(1732-1799)", "(born January 29, 1965)"
    [GeneratedRegex(@"\((born\b|[^()]{0,60}\b\d{2,4}( BC)? ?[-\u2013] ?[^()]{0,30}\d{2,4}( BC)?\))", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Lifetime();

    /// <param name="Counts">How often each word of the question occurs.</param>
    /// <param name="Pairs">Which follow each other closely, and at what distance in words.</param>
    /// <param name="Length">Words, without stop words.</param>
    /// <param name="Known">How many of those are in the question.</param>
    sealed record Matches(int[] Counts, Dictionary<(int First, int Second), int> Pairs, int Length, int Known)
    {
        public int DistanceOf(int first, int second) => Pairs.GetValueOrDefault((first, second), int.MaxValue);
    }
}
