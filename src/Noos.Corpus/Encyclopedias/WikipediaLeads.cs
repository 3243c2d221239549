using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// The beginnings of Wikipedia's featured and good articles: JSON lines with <c>title</c> and the whole article in <c>text</c>.
/// </summary>
static class WikipediaLeads
{
    /// <summary>Where the file lies below the folder of sources.</summary>
    public const string FileName = "text/wikipedia.jsonl.zst";

    // A lead has up to four paragraphs; where it ends is not marked.
    const int MaxParagraphs = 4;

    public static async Task<IReadOnlyList<Document>> ReadAsync(string folder, int maxLength, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var articles = new List<Document>();
        await using var content = CompressedFile.OpenRead(path);
        await foreach (var row in JsonRow.ReadAsync(content, path, cancellationToken))
        {
            var title = row.Text("title").Trim();
            var text = Lead(row.Text("text"), maxLength);
            if (text.Length > 0)
            {
                articles.Add(new Document(
                    new DocumentOrigin("wikipedia", "https://en.wikipedia.org/wiki/" + Uri.EscapeDataString(title.Replace(' ', '_')))
                    {
                        // Featured and good articles of 2019.
                        FetchedAt = new DateTimeOffset(2019, 1, 1, 0, 0, 0, TimeSpan.Zero),
                        Licence = "CC BY-SA 3.0",
                    },
                    text, title));
            }
        }

        return articles;
    }

    static string Lead(string text, int maxLength)
    {
        var lead = "";
        foreach (var paragraph in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Take(MaxParagraphs))
        {
            var mended = GapRepair.Mend(ProseText.Clean(paragraph));
            if (lead.Length > 0 && lead.Length + 1 + mended.Length > maxLength)
            {
                break;
            }

            lead = lead.Length == 0 ? ArticleText.Cut(mended, maxLength) : $"{lead}\n{mended}";
        }

        return lead;
    }
}
