using System.Globalization;
using System.Text.Json;
using Noos.Corpus.Cleaning;

namespace Noos.Bench.Cleaning;

/// <summary>What <c>bench/web.sh</c> has done, as Markdown; and whether its numbers add up.</summary>
static class DocumentationReport
{
    static readonly string[] s_steps = ["crawl", "clean", "tokenizer and shards", "index"];

    /// <param name="folder">Of the script.</param>
    /// <param name="price">Of an hour of a core.</param>
    /// <param name="address">Of the page that was cited.</param>
    /// <param name="packages">With spaces between them.</param>
    /// <param name="seconds">Of each step.</param>
    /// <returns>1 where the numbers do not add up.</returns>
    public static int Write(string folder, double price, string address, string packages, IReadOnlyList<string> seconds)
    {
        var tally = CorpusTally.Read(Path.Combine(folder, "corpus", "corpus.json"));
        var core = Directory.EnumerateFiles(Path.Combine(folder, "corpus", "manifests"), "*.json", SearchOption.AllDirectories)
            .Sum(path =>
            {
                using var manifest = JsonDocument.Parse(File.ReadAllBytes(path));
                return manifest.RootElement.GetProperty("seconds").GetDouble();
            });
        var names = packages.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Say($"## {names.Length} documentation packages of Debian as a web\n");
        Say($"`bench/web.sh`, packages {packages}: {tally.Records:N0} answers, {tally.Pages.Pages:N0} pages, "
            + $"{tally.Pages.Tokens:N0} tokens (a quarter of the bytes), {tally.Hosts.Count} hosts, {tally.Languages.Count} languages.\n");
        Say($"| step | seconds | what |\n|---|---|---|");
        string[] what =
        [
            FirstLine("crawl.txt"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{core:N1} core seconds, {tally.Pages.Pages / Math.Max(core, 1e-9):N0} pages a core second, "
                + $"cost {price * core / 3600:0.#####} at {price} an hour"),
            File.ReadLines(Path.Combine(folder, "shards.txt"))
                .LastOrDefault(line => line.Contains("tokens in", StringComparison.Ordinal))?.Trim() ?? "?",
            FirstLine("index.txt"),
        ];
        for (var i = 0; i < s_steps.Length; i++)
        {
            Say($"| {s_steps[i]} | {seconds[i]} | {what[i]} |");
        }

        Say($"\nThe citation `{address}` opened the page byte for byte as it was served; after `noos corpus opt-out` it is gone.\n");
        var addsUp = tally.Records == tally.Pages.Pages + tally.Skipped.Values.Sum();
        foreach (var policy in tally.Policies)
        {
            var all = policy.Reasons.Aggregate(policy.Kept, (sum, reason) => sum + reason.First);
            addsUp &= all.Pages == tally.Pages.Pages && Math.Abs(all.Tokens - tally.Pages.Tokens) < 1;
            Say($"| {policy.Name} | pages | tokens |\n|---|---|---|\n| kept | {policy.Kept.Pages:N0} | {policy.Kept.Tokens:N0} |");
            foreach (var reason in policy.Reasons.Where(reason => reason.First.Pages > 0).OrderByDescending(reason => reason.First.Tokens))
            {
                Say($"| {reason.Name} | {reason.First.Pages:N0} | {reason.First.Tokens:N0} |");
            }

            Say($"| together | {all.Pages:N0} | {all.Tokens:N0} |\n");
        }

        if (!addsUp)
        {
            Console.Error.WriteLine("The numbers do not add up.");
        }

        return addsUp ? 0 : 1;

        string FirstLine(string name) => File.ReadLines(Path.Combine(folder, name)).FirstOrDefault() ?? "?";
    }

    static void Say(string text) => Console.WriteLine(text);
}
