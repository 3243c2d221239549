using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>textbooks</c>: JSON lines with a section in <c>text</c>, which begins with its title, and a <c>glossary</c> of term and
/// meaning, which becomes a document of its own.
/// </summary>
public sealed class TextbookReader : IDocumentReader
{
    public string Name => "textbooks";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await foreach (var row in JsonRow.ReadAsync(content, origin.Address, cancellationToken))
        {
            var title = row.OptionalText("title");
            // Prefaces speak of licences and web pages, not of the subject.
            if (title == "Preface")
            {
                continue;
            }

            yield return new Document(origin.At(row.Line, 1), ProseText.Clean(row.Text("text")), title);
            var glossary = Glossary(row);
            if (glossary.Length > 0)
            {
                yield return new Document(origin.At(row.Line, 2), glossary, title);
            }
        }
    }

    static string Glossary(JsonRow row)
    {
        var text = new StringBuilder();
        if (row.Value.TryGetProperty("glossary", out var entries) && entries.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in entries.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object))
            {
                var pair = row with { Value = entry };
                text.Append(pair.Text("term")).Append(": ").Append(pair.Text("meaning")).Append('\n');
            }
        }

        return ProseText.Clean(text.ToString());
    }
}
