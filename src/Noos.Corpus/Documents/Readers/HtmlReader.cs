using System.Buffers;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>html</c>: the text of a page by its headings. A page that is longer than <see cref="MaxLength"/> is read as lines, tags and
/// all: its tree would not fit in memory.
/// </summary>
public sealed class HtmlReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    /// <summary>Characters.</summary>
    public const int MaxLength = HtmlText.MaxLength;

    readonly LinesReader _lines = new(limits);

    public override string Name => "html";

    public override bool Reads(string format) => base.Reads(format) || format is "text/html" or "application/xhtml+xml";

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        if (ReadWhole(content, MaxLength) is not { } html)
        {
            content.Position = 0;
            foreach (var document in _lines.ReadAsync(content, origin, cancellationToken).ToBlockingEnumerable(cancellationToken))
            {
                yield return document;
            }

            yield break;
        }

        var sections = new SectionBuilder(origin, Limits);
        HtmlText.Add(html, sections);
        sections.Flush();
        while (sections.TryTake(out var document))
        {
            yield return document;
        }
    }

    /// <summary>A text as one string; null where it is longer than that.</summary>
    internal static string? ReadWhole(Stream content, int maxLength)
    {
        using var text = TextDecoding.Open(content);
        var buffer = ArrayPool<char>.Shared.Rent(1 << 16);
        try
        {
            var whole = new System.Text.StringBuilder();
            while (text.ReadBlock(buffer) is > 0 and var count)
            {
                if (whole.Length + count > maxLength)
                {
                    return null;
                }

                whole.Append(buffer, 0, count);
            }

            return whole.ToString();
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }
}
