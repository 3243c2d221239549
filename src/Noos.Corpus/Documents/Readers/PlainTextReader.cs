using System.Runtime.CompilerServices;
using System.Text;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>Format <c>text</c>: prose in lines, cut into parts of about <see cref="PartLength"/> characters.</summary>
public sealed class PlainTextReader : IDocumentReader
{
    /// <summary>Characters after which a document ends with the line.</summary>
    public const int PartLength = 6000;

    public string Name => "text";

    public bool Reads(string format) => format is "text" or "text/plain";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var part = new StringBuilder();
        var first = 0;
        await foreach (var (number, line) in LineReader.ReadAsync(content, origin.Address, cancellationToken))
        {
            first = part.Length == 0 ? number : first;
            part.Append(Encoding.UTF8.GetString(line.Span)).Append('\n');
            if (part.Length > PartLength)
            {
                yield return new Document(origin.At(first), ProseText.Clean(part.ToString()));
                part.Clear();
            }
        }

        // Also of an empty file: an empty document, which the source passes over.
        yield return new Document(origin.At(first), ProseText.Clean(part.ToString()));
    }
}
