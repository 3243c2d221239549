using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>The text of a page in reading order, cut into blocks; which of them are content is decided later.</summary>
sealed class PageText
{
    public required DomDocument Document { get; init; }

    /// <summary>The text of all blocks; white space within a block is one space, or one line end where the page breaks the line.</summary>
    public required ReadOnlyMemory<char> Text { get; init; }

    public required IReadOnlyList<TextBlock> Blocks { get; init; }

    /// <summary>Ends and beginnings of links, code and emphasis, in order.</summary>
    public required IReadOnlyList<InlineMark> Marks { get; init; }

    /// <summary>All block-level elements with text, parents before their children.</summary>
    public required IReadOnlyList<PageElement> Elements { get; init; }

    public ReadOnlySpan<char> this[TextBlock block] => Text.Span.Slice(block.Start, block.Length);
}
