using System.Buffers;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Formats <c>lines</c> and <c>markdown</c>: text and source code as it is, in blocks of whole lines; a line that is longer than a block is
/// cut. A block of Markdown ends before the next heading. Holds one block in memory.
/// </summary>
/// <param name="limits">Say how long a block is.</param>
/// <param name="hasHeadings">Lines that begin with # are headings.</param>
public sealed class LinesReader(ReadLimits? limits = null, bool hasHeadings = false) : SequentialReader(limits ?? ReadLimits.Default)
{
    const string Unit = "line";

    public override string Name => hasHeadings ? "markdown" : "lines";

    public override bool Reads(string format) => base.Reads(format) || (hasHeadings && format == "text/markdown");

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var text = TextDecoding.Open(content);
        var buffer = ArrayPool<char>.Shared.Rent(Limits.MaxDocumentLength);
        try
        {
            var max = Limits.MaxDocumentLength;
            var (filled, line) = (0, 1);
            var headings = new Headings();
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                filled += text.ReadBlock(buffer, filled, max - filled);
                if (filled == 0)
                {
                    yield break;
                }

                var length = LengthOfBlock(buffer.AsSpan(0, filled), isLast: filled < max);
                var ends = buffer.AsSpan(0, length).Count('\n');
                var isWholeLine = buffer[length - 1] == '\n';
                var last = line + ends - (isWholeLine ? 1 : 0);
                if (from is null || last >= from.First)
                {
                    var block = new string(buffer, 0, length).Replace("\r\n", "\n", StringComparison.Ordinal);
                    foreach (var document in hasHeadings ? headings.Cut(block, line, origin) : [Make(block, line, origin)])
                    {
                        yield return document;
                    }
                }

                line += ends;
                buffer.AsSpan(length, filled - length).CopyTo(buffer);
                filled -= length;
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    static int LengthOfBlock(ReadOnlySpan<char> text, bool isLast)
    {
        if (isLast)
        {
            return text.Length;
        }

        var end = text.LastIndexOf('\n') + 1;
        return end > 0 ? end : char.IsHighSurrogate(text[^1]) && text.Length > 1 ? text.Length - 1 : text.Length;
    }

    static Document Make(string block, int line, DocumentOrigin origin)
    {
        var text = block.EndsWith('\n') ? block[..^1] : block;
        return new Document(origin.At(line), text) { Place = new DocumentPlace(Unit, line, line + text.Count('\n')) };
    }

    /// <summary>Headings as they go by; what stands in a fence of code is none.</summary>
    sealed class Headings
    {
        string? _title;
        bool _isCode;

        public List<Document> Cut(string block, int line, DocumentOrigin origin)
        {
            var documents = new List<Document>();
            var (start, first, level) = (0, line, 0);
            for (var at = 0; at < block.Length; line++)
            {
                var end = block.IndexOf('\n', at) is >= 0 and var found ? found + 1 : block.Length;
                var text = block.AsSpan(at, end - at).Trim();
                _isCode ^= text.StartsWith("```") || text.StartsWith("~~~");
                var marks = text.Length - text.TrimStart('#').Length;
                if (!_isCode && marks is >= 1 and <= 6 && text.Length > marks && text[marks] == ' ')
                {
                    Add(at);
                    (_title, level, start, first) = (text[marks..].Trim().TrimEnd('#').TrimEnd().ToString(), marks, at, line);
                }

                at = end;
            }

            Add(block.Length);
            return documents;

            void Add(int end)
            {
                if (end > start)
                {
                    documents.Add(Make(block[start..end], first, origin) with { Title = _title, Level = level });
                }
            }
        }
    }
}
