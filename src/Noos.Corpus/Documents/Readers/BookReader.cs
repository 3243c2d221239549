using System.Runtime.CompilerServices;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>books</c>: JSON lines with <c>title</c>, <c>author</c> and the whole book in <c>text</c>, cut at paragraphs.
/// </summary>
public sealed class BookReader : IDocumentReader
{
    public string Name => "books";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await foreach (var row in JsonRow.ReadAsync(content, origin.Address, cancellationToken))
        {
            var title = WithoutLabel(row.Text("title"), "Title:");
            var author = WithoutLabel(row.OptionalText("author") ?? "", "Author:");
            var text = ProseText.Clean(row.Text("text")).TrimStart('-', '\n');
            var heading = author.Length > 0 ? $"{title}\nby {author}" : title;
            var number = 0;
            foreach (var part in ProseText.Split($"{heading}\n\n{text}"))
            {
                yield return new Document(origin.At(row.Line, ++number), part, title);
            }
        }
    }

    static string WithoutLabel(string text, string label) =>
        (text.StartsWith(label, StringComparison.Ordinal) ? text[label.Length..] : text).Trim();
}
