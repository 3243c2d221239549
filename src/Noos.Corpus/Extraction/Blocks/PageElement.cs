using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>A block-level element of a page and what it holds, its descendants included.</summary>
sealed class PageElement(DomElement element, PageElement? parent, ElementHints hints)
{
    public HtmlTag Tag => element.Tag;

    public DomElement Element => element;

    public PageElement? Parent => parent;

    /// <summary>Block-level elements above it.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    public ElementHints Hints => hints;

    /// <summary>It, or one above it, is not shown at first.</summary>
    public bool IsHidden { get; init; }

    public string? Role { get; init; }

    public string? ItemProperty { get; init; }

    public int Blocks { get; set; }

    public int Words { get; set; }

    public int Characters { get; set; }

    public int LinkCharacters { get; set; }

    /// <summary>Words in blocks that read like paragraphs.</summary>
    public int ParagraphWords { get; set; }

    /// <summary>Elements directly below it that hold text.</summary>
    public int Children { get; set; }

    /// <summary>Weight of the paragraphs that stand directly in it, and with half their weight one level deeper.</summary>
    public float Score { get; set; }

    /// <summary>Names tag and classes, its own and those of the two above: what a template repeats has the same one.</summary>
    public int Signature { get; init; }

    /// <summary>It is a table of data; null while nobody has asked. Kept here, as every cell asks.</summary>
    public bool? IsDataTable { get; set; }

    public float LinkDensity => Characters == 0 ? 0 : (float)LinkCharacters / Characters;
}
