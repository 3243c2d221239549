using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>facts</c>: JSON lines with <c>name</c> and nested <c>facts</c>; each section becomes a document of labelled lines.
/// </summary>
public sealed class NestedFactsReader : IDocumentReader
{
    public string Name => "facts";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        await foreach (var row in JsonRow.ReadAsync(content, origin.Address, cancellationToken))
        {
            var name = row.Text("name");
            if (!row.Value.TryGetProperty("facts", out var sections) || sections.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var number = 0;
            foreach (var section in sections.EnumerateObject())
            {
                var text = new StringBuilder($"{name}: {section.Name}\n\n");
                Write(text, "", section.Value);
                yield return new Document(origin.At(row.Line, ++number), ProseText.Clean(text.ToString()), name);
            }
        }
    }

    static void Write(StringBuilder text, string label, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    // "text" and "note" repeat what the label already says; "Real GDP: Real GDP 2024" does so too.
                    var inner = member.Name is "text" or "note" ? label
                        : label.Length == 0 || member.Name.StartsWith(label, StringComparison.Ordinal) ? member.Name
                        : $"{label}, {member.Name}";
                    Write(text, inner, member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Write(text, label, item);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                text.Append(label).Append(": ").Append(value.ToString()).Append('\n');
                break;
        }
    }
}
