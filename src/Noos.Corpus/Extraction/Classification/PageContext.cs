namespace Noos.Corpus.Extraction.Classification;

/// <summary>What is known of a page besides its text.</summary>
/// <param name="Address">Its address; null when unknown.</param>
/// <param name="Title">Its title, without the name of the site; null without one.</param>
/// <param name="Kinds">Which kinds of page its structured data names.</param>
sealed record PageContext(Uri? Address, string? Title, PageKinds Kinds);

/// <summary>Kinds of page, as schema.org and Open Graph name them.</summary>
[Flags]
enum PageKinds
{
    None = 0,
    Article = 1,
    Product = 2,
    Forum = 4,
    Listing = 8,
    Questions = 16,
    Recipe = 32,
    WebPage = 64,
}
