using System.Runtime.CompilerServices;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>answers</c>: JSON lines with <c>prompt</c> and <c>response</c>. The request stands above its answer, so that a base model
/// already knows what belongs to what; book-length answers are cut, and only their first part keeps the request.
/// </summary>
public sealed class PromptResponseReader : IDocumentReader
{
    const int LongAnswer = 24_000;

    public string Name => "answers";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await foreach (var row in JsonRow.ReadAsync(content, origin.Address, cancellationToken))
        {
            var prompt = ProseText.Clean(row.Text("prompt"));
            var response = ProseText.Clean(row.Text("response"));
            var kind = row.OptionalText("kind");
            var text = $"{prompt}\n\n{response}";
            if (response.Length < LongAnswer)
            {
                yield return new Document(origin.At(row.Line), text, kind);
                continue;
            }

            var number = 0;
            foreach (var part in ProseText.Split(text))
            {
                yield return new Document(origin.At(row.Line, ++number), part, kind);
            }
        }
    }
}
