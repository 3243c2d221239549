using System.Runtime.CompilerServices;
using System.Text;
using Noos.Core;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>dictionary</c>: tab-separated part of speech, words, definition, examples, broader word, with a heading. One line per
/// entry, in alphabetical order, some dozens to a document: alone they would be too short, and the neighbours are related words. All
/// entries are in memory at once. A document's place is the row of its first entry.
/// </summary>
public sealed class DictionaryReader : IDocumentReader
{
    const int LinesInDocument = 40;

    public string Name => "dictionary";

    public async IAsyncEnumerable<Document> ReadAsync(
        Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var lines = new List<(string Text, int Row)>();
        await foreach (var (number, bytes) in LineReader.ReadAsync(content, origin.Address, cancellationToken))
        {
            var fields = Encoding.UTF8.GetString(bytes.Span).Split('\t');
            if (fields.Length < 4)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"Line {number} of '{origin.Address}' has {fields.Length} fields "
                    + "instead of part of speech, words, definition, examples.");
            }

            if (number > 1)
            {
                lines.Add((Line(fields), number));
            }
        }

        lines.Sort((one, other) => StringComparer.OrdinalIgnoreCase.Compare(one.Text, other.Text));
        foreach (var group in lines.Chunk(LinesInDocument))
        {
            yield return new Document(
                origin.At(group[0].Row), string.Join('\n', group.Select(line => line.Text)), group[0].Text.Split(':')[0]);
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
