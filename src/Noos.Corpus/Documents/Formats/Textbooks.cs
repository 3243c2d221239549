using System.Text;
using System.Text.Json;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>Format <c>textbooks</c>: rows with a section in <c>text</c>, which begins with its title, and a <c>glossary</c> of term and meaning.</summary>
static class Textbooks
{
    public static IEnumerable<Document> Read(string path)
    {
        foreach (var row in JsonRow.Read(path))
        {
            var title = row.OptionalText("title");
            // Prefaces speak of licences and web pages, not of the subject.
            if (title == "Preface")
            {
                continue;
            }

            yield return new Document(ProseText.Clean(row.Text("text")), title);
            var glossary = Glossary(row);
            if (glossary.Length > 0)
            {
                yield return new Document(glossary, title);
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
