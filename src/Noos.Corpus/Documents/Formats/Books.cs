using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>Format <c>books</c>: rows with <c>title</c>, <c>author</c> and the whole book in <c>text</c>, cut at paragraphs.</summary>
static class Books
{
    public static IEnumerable<Document> Read(string path)
    {
        foreach (var row in JsonRow.Read(path))
        {
            var title = WithoutLabel(row.Text("title"), "Title:");
            var author = WithoutLabel(row.OptionalText("author") ?? "", "Author:");
            var text = ProseText.Clean(row.Text("text")).TrimStart('-', '\n');
            var heading = author.Length > 0 ? $"{title}\nby {author}" : title;
            foreach (var part in ProseText.Split($"{heading}\n\n{text}"))
            {
                yield return new Document(part, title);
            }
        }
    }

    static string WithoutLabel(string text, string label) =>
        (text.StartsWith(label, StringComparison.Ordinal) ? text[label.Length..] : text).Trim();
}
