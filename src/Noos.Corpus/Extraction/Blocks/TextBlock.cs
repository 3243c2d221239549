using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>Text that a browser would lay out as one block: a paragraph, a heading, an item, a cell.</summary>
sealed class TextBlock(int index, PageElement element, int start, int length)
{
    public int Index => index;

    /// <summary>The innermost block-level element around it.</summary>
    public PageElement Element => element;

    public HtmlTag Tag => element.Tag;

    /// <summary>Where it begins in the text of the page.</summary>
    public int Start => start;

    public int Length => length;

    /// <summary>White space and line ends are as in the source.</summary>
    public bool IsPreformatted { get; init; }

    /// <summary>Its marks in the page's list.</summary>
    public Range Marks { get; init; }

    /// <summary>Hints of the inline elements in it.</summary>
    public ElementHints InlineHints { get; init; }

    /// <summary>Characters within links.</summary>
    public int LinkCharacters { get; init; }

    /// <summary>It stands within a link that began before it.</summary>
    public bool IsInLink { get; init; }

    /// <summary>Characters in bold type.</summary>
    public int BoldCharacters { get; init; }

    public TextStatistics Statistics { get; set; }

    public int Words => Statistics.Words;

    public float LinkDensity => length == 0 ? 0 : Math.Min(1, (float)LinkCharacters / length);

    /// <summary>It reads like a paragraph: several words, few of them linked.</summary>
    public bool IsParagraph => Words >= 10 && LinkDensity < 0.4f;
}
