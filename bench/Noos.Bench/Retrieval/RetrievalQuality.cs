using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;
using Noos.Cpus;
using Noos.Cpus.Local;

namespace Noos.Bench.Retrieval;

/// <summary>How often a search puts a passage with the answer first, or among the first three.</summary>
static class RetrievalQuality
{
    const int Depth = 10;

    public static async Task RunAsync(string pack, string file, IReadOnlyList<string> options)
    {
        var given = options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var index = new SearchIndexOptions();
        index = index with
        {
            MaxPassageLength = given.Remove("passage", out var length)
                ? int.Parse(length, CultureInfo.InvariantCulture) : index.MaxPassageLength,
            Tokenizer = given.Remove("tokenizer", out var tokenizer) ? tokenizer : index.Tokenizer,
        };
        var misses = given.Remove("misses", out var shown) ? int.Parse(shown, CultureInfo.InvariantCulture) : 0;
        var isTuning = given.Remove("tune");
        using var generator = given.Remove("embeddings", out var model)
            ? ModelSource.OpenEmbeddings(new NoosOptions { Model = model })
            : null;
        var ranking = given.Aggregate(new RankingOptions(), (chosen, pair) =>
            With(chosen, pair.Key, double.Parse(pair.Value, CultureInfo.InvariantCulture)));
        var questions = RetrievalQuestion.Read(file);
        var folder = Directory.CreateTempSubdirectory("noos-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "index.db");
            var watch = Stopwatch.StartNew();
            await SearchIndex.BuildAsync(path, "pack", DocumentPack.ReadAsync(pack), Origin.Tool, index);
            using var made = SearchIndex.OpenRead(path);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{made.CountPassages()} passages, index {new FileInfo(path).Length / 1e6:0.0} MB, "
                + $"made in {watch.Elapsed.TotalSeconds:0.0} s"));
            if (isTuning)
            {
                ranking = Tune(made, questions, ranking);
            }

            if (generator is not null)
            {
                await EmbedAsync(path, generator);
            }

            await ReportAsync(made, questions, ranking, misses, generator);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task EmbedAsync(string path, LocalEmbeddingGenerator generator)
    {
        using var index = SearchIndex.Open(path);
        var watch = Stopwatch.StartNew();
        var count = await PassageVectors.AddAsync(index, generator, new VectorProgress(watch));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} vectors of {generator.Metadata.DefaultModelId} in {watch.Elapsed.TotalSeconds:0} s, "
            + $"{count / watch.Elapsed.TotalSeconds:0} a second"));
    }

    sealed class VectorProgress(Stopwatch watch) : IProgress<(int Made, int All)>
    {
        public void Report((int Made, int All) value)
        {
            if (value.Made % 3200 == 0)
            {
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{value.Made} of {value.All} vectors, {value.Made / watch.Elapsed.TotalSeconds:0} a second"));
            }
        }
    }

    static async Task ReportAsync(
        SearchIndex index, RetrievalQuestion[] questions, RankingOptions ranking, int misses, LocalEmbeddingGenerator? generator)
    {
        var watch = Stopwatch.StartNew();
        var ranks = new int[questions.Length];
        for (var i = 0; i < ranks.Length; i++)
        {
            ranks[i] = generator is null
                ? RankOf(index, questions[i], ranking)
                : RankOf(questions[i], await new PassageSearch([index], ranking).SearchAsync(questions[i].Question, Depth, generator));
        }

        var time = watch.Elapsed.TotalMilliseconds / questions.Length;
        Console.WriteLine("| questions | number | first | first three | first ten |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var kind in questions.Select(question => question.Kind).Distinct().Append("all"))
        {
            int[] some = [.. ranks.Where((_, i) => kind == "all" || questions[i].Kind == kind)];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {some.Length} | {Share(some, 1):0.0}% | {Share(some, 3):0.0}% | {Share(some, Depth):0.0}% |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time:0.0} ms a question; {ranking}"));
        foreach (var (question, rank) in questions.Zip(ranks).Where(pair => pair.Second > 3).Take(misses))
        {
            Console.WriteLine($"\n{rank}  {question.Kind}: {question.Question}  -> {string.Join(" | ", question.Addresses)}");
            foreach (var hit in new PassageSearch([index], ranking).Search(question.Question, 3))
            {
                var text = hit.Passage.Text;
                Console.WriteLine($"   {hit.Score:0.0} {hit.Passage.Address}: {text[..Math.Min(100, text.Length)]}");
            }
        }
    }

    /// <summary>One number after the other takes the best of some values, until none changes.</summary>
    static RankingOptions Tune(SearchIndex index, RetrievalQuestion[] questions, RankingOptions ranking)
    {
        double[] factors = [0, 0.5, 0.7, 1.4, 2];
        var best = Goodness(index, questions, ranking);
        for (var hasChanged = true; hasChanged;)
        {
            hasChanged = false;
            foreach (var name in (string[])["CandidateTitleWeight", "TitleWeight", "Saturation", "LengthPenalty", "PairWeight", "Coverage",
                "WholeTitle", "FirstPassage", "Lead", "LeadWords", "Person"])
            {
                foreach (var factor in factors)
                {
                    var value = (double)Property(name).GetValue(ranking)! * factor;
                    var other = With(ranking, name, value);
                    if (Goodness(index, questions, other) is var goodness && goodness > best + 1e-9)
                    {
                        (best, ranking, hasChanged) = (goodness, other, true);
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best:0.000}  {name} = {value:0.###}"));
                        break;
                    }
                }
            }
        }

        return ranking;
    }

    /// <summary>The share of the first three, and a little of what is first.</summary>
    static double Goodness(SearchIndex index, RetrievalQuestion[] questions, RankingOptions ranking)
    {
        int[] ranks = [.. questions.AsParallel().AsOrdered().Select(question => RankOf(index, question, ranking))];
        return Share(ranks, 3) + (0.3 * Share(ranks, 1));
    }

    static int RankOf(SearchIndex index, RetrievalQuestion question, RankingOptions ranking)
    {
        return RankOf(question, new PassageSearch([index], ranking).Search(question.Question, Depth));
    }

    static int RankOf(RetrievalQuestion question, IReadOnlyList<SearchHit> hits)
    {
        var rank = hits.Select((hit, i) => question.IsGold(hit.Passage) ? i + 1 : int.MaxValue).DefaultIfEmpty(int.MaxValue).Min();
        return rank;
    }

    static double Share(int[] ranks, int depth) => ranks.Length == 0 ? 0 : 100.0 * ranks.Count(rank => rank <= depth) / ranks.Length;

    static RankingOptions With(RankingOptions ranking, string name, double value)
    {
        var copy = ranking with { };
        var property = Property(name);
        property.SetValue(copy, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
        return copy;
    }

    static PropertyInfo Property(string name) => typeof(RankingOptions).GetProperty(name)
        ?? throw new NoosException($"There is no '{name}' in RankingOptions.");
}
