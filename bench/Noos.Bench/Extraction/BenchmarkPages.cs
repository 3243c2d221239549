using System.IO.Compression;
using System.Text.Json;
using Noos.Core;

namespace Noos.Bench.Extraction;

/// <summary>
/// The pages of the outside benchmarks, as their repositories lay them out. They are fetched for measuring and never committed: pages of
/// third parties are not relicensed by the licence of a benchmark.
/// </summary>
static class BenchmarkPages
{
    /// <summary>scrapinghub/article-extraction-benchmark: 181 articles.</summary>
    public static IReadOnlyList<BenchmarkPage> ReadArticles(string folder)
    {
        using var truth = JsonDocument.Parse(File.ReadAllBytes(Existing(Path.Combine(folder, "ground-truth.json"))));
        return
        [
            .. truth.RootElement.EnumerateObject().Select(page => new BenchmarkPage(
                page.Name, Address(page.Value), Unpack(Path.Combine(folder, "html", page.Name + ".html.gz")),
                Text(page.Value, "articleBody"), [], [], "")),
        ];
    }

    /// <summary>adbar/trafilatura, tests: 990 pages with snippets.</summary>
    public static IReadOnlyList<BenchmarkPage> ReadSnippets(string folder)
    {
        using var truth = JsonDocument.Parse(File.ReadAllBytes(Existing(Path.Combine(folder, "evaldata.json"))));
        return
        [
            .. truth.RootElement.EnumerateObject().Select(page =>
            {
                var name = Text(page.Value, "file");
                var cached = Path.Combine(folder, "cache", name);
                return new BenchmarkPage(
                    page.Name, Uri.TryCreate(page.Name, UriKind.Absolute, out var address) ? address : null,
                    File.ReadAllBytes(File.Exists(cached) ? cached : Existing(Path.Combine(folder, "eval", name))), "",
                    Texts(page.Value, "with"), Texts(page.Value, "without"), "");
            }),
        ];
    }

    /// <summary>Murrough-Foley/web-content-extraction-benchmark (WCXB): pages of seven kinds.</summary>
    /// <param name="folder">Of the repository.</param>
    /// <param name="split">dev, which may be trained on, or test.</param>
    public static IReadOnlyList<BenchmarkPage> ReadKinds(string folder, string split)
    {
        var pages = new List<BenchmarkPage>();
        foreach (var file in Directory.EnumerateFiles(Existing(Path.Combine(folder, split, "ground-truth"), isFolder: true), "*.json")
            .Order(StringComparer.Ordinal))
        {
            using var page = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!page.RootElement.TryGetProperty("ground_truth", out var truth) || truth.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var id = Path.GetFileNameWithoutExtension(file);
            pages.Add(new BenchmarkPage(
                id, Address(page.RootElement), Unpack(Path.Combine(folder, split, "html", id + ".html.gz")), Text(truth, "main_content"),
                Texts(truth, "with"), Texts(truth, "without"), Kind(page.RootElement)));
        }

        return pages;
    }

    static string Kind(JsonElement page)
    {
        if (!page.TryGetProperty("_internal", out var inner) || inner.ValueKind != JsonValueKind.Object
            || !inner.TryGetProperty("page_type", out var type))
        {
            return "article";
        }

        var kind = type.ValueKind == JsonValueKind.String ? type.GetString()!
            : type.ValueKind == JsonValueKind.Object ? Text(type, "primary") : "article";
        return kind == "category" ? "collection" : kind;
    }

    static Uri? Address(JsonElement page) =>
        Uri.TryCreate(Text(page, "url"), UriKind.Absolute, out var address) ? address : null;

    static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    static IReadOnlyList<string> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    static byte[] Unpack(string path)
    {
        using var packed = new GZipStream(File.OpenRead(Existing(path)), CompressionMode.Decompress);
        using var content = new MemoryStream();
        packed.CopyTo(content);
        return content.ToArray();
    }

    static string Existing(string path, bool isFolder = false) => (isFolder ? Directory.Exists(path) : File.Exists(path)) ? path
        : throw new NoosException(
            ErrorKind.NotFound,
            $"There is no '{path}'; fetch the benchmark's repository and give its folder (see bench/results/extraction.md).");
}
