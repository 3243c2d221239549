using System.Text;
using System.Text.Json;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>Format <c>facts</c>: rows with <c>name</c> and nested <c>facts</c>; each section becomes a document of labelled lines.</summary>
static class Facts
{
    public static IEnumerable<Document> Read(string path)
    {
        foreach (var row in JsonRow.Read(path))
        {
            var name = row.Text("name");
            if (!row.Value.TryGetProperty("facts", out var sections) || sections.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (var section in sections.EnumerateObject())
            {
                var text = new StringBuilder($"{name}: {section.Name}\n\n");
                Write(text, "", section.Value);
                yield return new Document(ProseText.Clean(text.ToString()), name);
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
