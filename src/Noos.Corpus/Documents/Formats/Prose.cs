using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>Formats <c>jsonl</c> and <c>titled</c>: rows with a field <c>text</c>; a title stands above it.</summary>
static class Prose
{
    public static IEnumerable<Document> Read(string path, string? titleField)
    {
        foreach (var row in JsonRow.Read(path))
        {
            var title = titleField is null ? null : row.Text(titleField).Trim();
            var text = ProseText.Clean(row.Text("text"));
            yield return new Document(title is null ? text : $"{title}\n\n{text}", title ?? row.OptionalText("name"));
        }
    }
}
