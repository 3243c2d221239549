namespace Noos.Corpus.Extraction;

/// <summary>How links are written in Markdown.</summary>
public enum LinkStyle
{
    /// <summary>Their text alone.</summary>
    None,

    /// <summary><c>[text](address)</c>.</summary>
    Inline,

    /// <summary><c>text [3]</c>, where 3 is the place in <see cref="WebPage.Links"/>, counted from 1: short for a model to read.</summary>
    Numbered,
}
