using System.Runtime.CompilerServices;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>JSON lines with a field <c>text</c>; a title stands above it.</summary>
/// <param name="name">Name of the format.</param>
/// <param name="titleField">The field of the title, which every row must have; null for rows without.</param>
public sealed class ProseReader(string name, string? titleField) : IDocumentReader
{
    public string Name => name;

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await foreach (var row in JsonRow.ReadAsync(content, origin.Address, cancellationToken))
        {
            var title = titleField is null ? null : row.Text(titleField).Trim();
            var text = ProseText.Clean(row.Text("text"));
            yield return new Document(origin.At(row.Line), title is null ? text : $"{title}\n\n{text}", title ?? row.OptionalText("name"));
        }
    }
}
