using System.Diagnostics;
using Noos.Corpus.Extraction;
using SmartReader;

namespace Noos.Bench.Extraction;

/// <summary>
/// Extraction of readable text, measured on the outside benchmarks beside SmartReader in one process: quality by each benchmark's own
/// score, speed in pages per second of processor time, in rounds by turns.
/// </summary>
static class ExtractionComparison
{
    /// <param name="folder">
    /// Holds the repositories as <c>aeb</c> (scrapinghub/article-extraction-benchmark), <c>trafilatura</c> (adbar/trafilatura) and
    /// <c>wcxb</c> (Murrough-Foley/web-content-extraction-benchmark); one that is missing is passed over.
    /// </param>
    /// <param name="options">In any order: rounds=3, smart=false, dump=FOLDER.</param>
    public static void Run(string folder, string[] options)
    {
        var rounds = options.FirstOrDefault(option => option.StartsWith("rounds=")) is { } given ? int.Parse(given[7..]) : 3;
        var dump = options.FirstOrDefault(option => option.StartsWith("dump="))?[5..];
        var extractors = new List<(string Name, Func<BenchmarkPage, string> Extract)> { ("Noos", Noos) };
        if (!options.Contains("smart=false"))
        {
            extractors.Add(("SmartReader", ReadSmartly));
        }

        Console.WriteLine("| benchmark | extractor | F1 | precision | recall | pages per core-second |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Measure("article-extraction-benchmark", Path.Combine(folder, "aeb"), BenchmarkPages.ReadArticles, ExtractionScores.ScoreArticles);
        Measure("trafilatura", Path.Combine(folder, "trafilatura", "tests"), BenchmarkPages.ReadSnippets, ExtractionScores.ScoreSnippets);
        Measure("WCXB test", Path.Combine(folder, "wcxb"), path => BenchmarkPages.ReadKinds(path, "test"), ExtractionScores.ScoreWords);
        Measure("WCXB dev", Path.Combine(folder, "wcxb"), path => BenchmarkPages.ReadKinds(path, "dev"), ExtractionScores.ScoreWords);

        void Measure(
            string name, string path, Func<string, IReadOnlyList<BenchmarkPage>> read,
            Func<IEnumerable<(BenchmarkPage, string)>, Score> score)
        {
            if (!Directory.Exists(path))
            {
                return;
            }

            var pages = read(path);
            var speeds = extractors.ToDictionary(extractor => extractor.Name, _ => new List<double>());
            var results = new Dictionary<string, (BenchmarkPage, string)[]>();
            for (var round = 0; round < rounds; round++)
            {
                foreach (var (extractor, extract) in extractors)
                {
                    var before = Process.GetCurrentProcess().TotalProcessorTime;
                    results[extractor] = [.. pages.Select(page => (page, extract(page)))];
                    speeds[extractor].Add(pages.Count / (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
                }
            }

            foreach (var (extractor, _) in extractors)
            {
                var total = score(results[extractor]);
                var median = speeds[extractor].Order().ElementAt(rounds / 2);
                Console.WriteLine($"| {name}, {pages.Count} pages | {extractor} | {total.F1:F3} | {total.Precision:F3} | {total.Recall:F3} "
                    + $"| {median:F1} |");
                foreach (var kind in results[extractor].GroupBy(result => result.Item1.Kind).Where(kind => kind.Key != "")
                    .OrderBy(kind => kind.Key))
                {
                    Console.WriteLine($"| - {kind.Key} ({kind.Count()}) | {extractor} | {score(kind).F1:F3} | | | |");
                }

                if (dump is not null)
                {
                    var target = Path.Combine(dump, name.Replace(' ', '-'), extractor);
                    Directory.CreateDirectory(target);
                    foreach (var (index, (page, text)) in results[extractor].Index())
                    {
                        File.WriteAllText(Path.Combine(target, $"{index:D4}.txt"), $"{page.Id}\n{text}");
                    }
                }
            }
        }
    }

    static string Noos(BenchmarkPage page) => HtmlExtractor.Extract(page.Content, charset: null, page.Address).Text;

    static string ReadSmartly(BenchmarkPage page)
    {
        try
        {
            var html = EncodingSniffer.Decode(page.Content);
            return Reader.ParseArticle(page.Address?.AbsoluteUri ?? "https://page.example/", html).TextContent ?? "";
        }
#pragma warning disable CA1031 // Whatever it throws counts as no text.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"SmartReader failed on {page.Id}: {e.GetType().Name}: {e.Message}");
            return "";
        }
    }
}
