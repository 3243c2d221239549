using System.Text;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Makes documents of running text as it comes: a new one begins with each heading, and where one becomes long. Holds one in memory.
/// </summary>
/// <param name="origin">Of the file.</param>
/// <param name="limits">Say how long a document is.</param>
/// <param name="within">The chapter; null for a file of one.</param>
sealed class SectionBuilder(DocumentOrigin origin, ReadLimits limits, string? within = null)
{
    readonly StringBuilder _text = new();
    readonly Queue<Document> _complete = new();
    string? _title;
    int _level;
    int _number;

    /// <summary>A heading: what follows stands under it.</summary>
    public void AddHeading(string title, int level)
    {
        title = Clean(title);
        if (title.Length == 0)
        {
            return;
        }

        Flush();
        (_title, _level) = (title.Length > 200 ? title[..200] : title, level);
        _text.Append('#', Math.Clamp(level, 1, 6)).Append(' ').Append(title).Append('\n');
    }

    /// <summary>A paragraph, or a row of a table.</summary>
    /// <param name="line">The text.</param>
    /// <param name="keepsIndent">White space at its beginning means something, as in code.</param>
    public void AddLine(string line, bool keepsIndent = false)
    {
        line = Clean(line, keepsIndent);
        // A paragraph without an end is cut like any text.
        for (var at = 0; at < line.Length; at += limits.MaxDocumentLength)
        {
            var piece = line.Substring(at, Math.Min(limits.MaxDocumentLength, line.Length - at));
            if (_text.Length > 0 && _text.Length + piece.Length > limits.MaxDocumentLength)
            {
                Flush();
            }

            _text.Append(piece).Append('\n');
        }
    }

    /// <summary>Takes the next document that is complete.</summary>
    public bool TryTake(out Document document)
    {
        if (_complete.TryDequeue(out var next))
        {
            document = next;
            return true;
        }

        document = null!;
        return false;
    }

    /// <summary>The end of the text.</summary>
    public void Flush()
    {
        if (_text.Length == 0)
        {
            return;
        }

        _number++;
        _complete.Enqueue(new Document(origin.At(_number), _text.ToString().TrimEnd(), _title)
        {
            Place = new DocumentPlace("section", _number, _number) { Within = within },
            Level = _level,
        });
        _text.Clear();
        // A long section goes on under the same title, which is told once.
        _level = 0;
    }

    static string Clean(string line, bool keepsIndent = false)
    {
        var clean = line.Replace('\u00A0', ' ').Replace("\u00AD", "", StringComparison.Ordinal);
        return keepsIndent ? clean.TrimEnd() : clean.Trim();
    }
}
