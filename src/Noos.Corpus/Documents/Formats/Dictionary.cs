using System.Text;
using Noos.Core;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>
/// Format <c>dictionary</c>: tab-separated part of speech, words, definition, examples, broader word, with a heading. One line a word,
/// in alphabetical order, some dozens to a document: alone they would be too short, and the neighbours are related words.
/// </summary>
static class Dictionary
{
    const int LinesInDocument = 40;

    public static IEnumerable<Document> Read(string path)
    {
        var lines = new List<string>();
        foreach (var (number, bytes) in Lines.Read(path))
        {
            var fields = Encoding.UTF8.GetString(bytes.Span).Split('\t');
            if (fields.Length < 4)
            {
                throw new NoosException($"Line {number} of '{path}' has {fields.Length} fields instead of part of speech, words, definition, examples.");
            }

            if (number > 1)
            {
                lines.Add(Line(fields));
            }
        }

        lines.Sort(StringComparer.OrdinalIgnoreCase);
        foreach (var group in lines.Chunk(LinesInDocument))
        {
            yield return new Document(string.Join('\n', group), group[0].Split(':')[0]);
        }
    }

    static string Line(string[] fields)
    {
        var (part, words, definition, examples) = (fields[0], fields[1], fields[2], fields[3]);
        var line = new StringBuilder($"{words} ({part}): {definition}.");
        if (fields.Length > 4 && fields[4].Length > 0)
        {
            line.Append($" A kind of {fields[4]}.");
        }

        foreach (var example in examples.Split(" | ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            line.Append($" \"{example}\"");
        }

        return line.ToString();
    }
}
