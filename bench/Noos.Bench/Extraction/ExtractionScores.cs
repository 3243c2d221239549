using System.Text.RegularExpressions;

namespace Noos.Bench.Extraction;

/// <summary>The scorers of the benchmarks, rebuilt after their descriptions; names and averages as theirs.</summary>
static partial class ExtractionScores
{
    /// <summary>
    /// article-extraction-benchmark: shingles of four words; precision and recall of each page, averaged over pages; F1 of the averages.
    /// </summary>
    public static Score ScoreArticles(IEnumerable<(BenchmarkPage Page, string Text)> results)
    {
        var (precisions, recalls) = (new List<double>(), new List<double>());
        foreach (var (page, text) in results)
        {
            var (truth, found) = (CountShingles(page.Truth), CountShingles(text));
            double hits = truth.Sum(pair => Math.Min(pair.Value, found.GetValueOrDefault(pair.Key)));
            var (inTruth, inFound) = (truth.Values.Sum(), found.Values.Sum());
            if (inFound > 0)
            {
                precisions.Add(hits == inFound && hits == inTruth ? 1 : hits / inFound);
            }

            if (inTruth > 0)
            {
                recalls.Add(hits / inTruth);
            }
        }

        // An extractor that finds nothing anywhere has no precision.
        var (precision, recall) = (precisions.DefaultIfEmpty(0).Average(), recalls.DefaultIfEmpty(0).Average());
        return new Score(recall == 0 ? 0 : 2 * precision * recall / (precision + recall), precision, recall);
    }

    /// <summary>trafilatura: snippets that must and must not be there, summed over all pages; white space does not count.</summary>
    public static Score ScoreSnippets(IEnumerable<(BenchmarkPage Page, string Text)> results)
    {
        double hits = 0, wrong = 0, missed = 0;
        foreach (var (page, result) in results)
        {
            var text = Normalize(result);
            var found = page.With.Count(snippet => text.Contains(Normalize(snippet), StringComparison.Ordinal));
            hits += found;
            missed += page.With.Count - found;
            wrong += page.Without.Count(snippet => text.Contains(Normalize(snippet), StringComparison.Ordinal));
        }

        return new Score(2 * hits / (2 * hits + wrong + missed), hits / (hits + wrong), hits / (hits + missed));
    }

    /// <summary>WCXB: words as a bag; F1 of each page, averaged over pages.</summary>
    public static Score ScoreWords(IEnumerable<(BenchmarkPage Page, string Text)> results)
    {
        var scores = results.Select(result => ScoreWords(result.Page.Truth, result.Text)).ToArray();
        return new Score(
            scores.Average(score => score.F1), scores.Average(score => score.Precision), scores.Average(score => score.Recall));
    }

    public static Score ScoreWords(string truthText, string text)
    {
        var (truth, found) = (WordTokens.Split(truthText, lowerCase: true), WordTokens.Split(text, lowerCase: true));
        if (truth.Count == 0 || found.Count == 0)
        {
            var both = truth.Count == 0 && found.Count == 0 ? 1 : 0;
            return new Score(both, both, both);
        }

        var counts = truth.CountBy(word => word).ToDictionary(StringComparer.Ordinal);
        double hits = found.CountBy(word => word).Sum(pair => Math.Min(pair.Value, counts.GetValueOrDefault(pair.Key)));
        var (precision, recall) = (hits / found.Count, hits / truth.Count);
        return new Score(hits == 0 ? 0 : 2 * precision * recall / (precision + recall), precision, recall);
    }

    static Dictionary<string, int> CountShingles(string text)
    {
        const int size = 4;
        var words = WordTokens.Split(text, lowerCase: false);
        var shingles = new Dictionary<string, int>(StringComparer.Ordinal);
        // A text that is shorter than a shingle is one.
        for (var i = 0; words.Count > 0 && i < Math.Max(1, words.Count - size + 1); i++)
        {
            var shingle = string.Join(' ', words.Skip(i).Take(size));
            shingles[shingle] = shingles.GetValueOrDefault(shingle) + 1;
        }

        return shingles;
    }

    static string Normalize(string text) => WhiteSpace().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex WhiteSpace();
}

/// <summary>Precision, recall and their harmonic mean.</summary>
readonly record struct Score(double F1, double Precision, double Recall);
