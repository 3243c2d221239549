using System.Text.Json;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Encyclopedias;

/// <summary>The terms that OpenStax textbooks explain: JSON lines with <c>book</c> and a <c>glossary</c> of term and meaning.</summary>
static class GlossaryArticles
{
    /// <summary>Where the file lies below the folder of sources.</summary>
    public const string FileName = "text/textbooks.jsonl.zst";

    public static async Task<IReadOnlyList<Document>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var articles = new List<Document>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var row in JsonRow.ReadAsync(content, path, cancellationToken))
        {
            if (!row.Value.TryGetProperty("glossary", out var glossary) || glossary.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            var book = row.Text("book");
            foreach (var entry in glossary.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object))
            {
                var pair = row with { Value = entry };
                var (term, meaning) = (pair.Text("term").Trim(), ProseText.Clean(pair.Text("meaning")));
                var address = $"openstax:{book}/{term}";
                if (term.Length > 0 && meaning.Length > 0 && seen.Add(address))
                {
                    articles.Add(new Document(
                        new DocumentOrigin("openstax", address) { Licence = "CC BY 4.0" }, $"{term}: {meaning.TrimEnd('.')}.", term));
                }
            }
        }

        return articles;
    }
}
