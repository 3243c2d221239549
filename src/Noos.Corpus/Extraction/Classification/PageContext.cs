namespace Noos.Corpus.Extraction.Classification;

/// <summary>What is known of a page besides its text.</summary>
/// <param name="Address">Its address; null when unknown.</param>
/// <param name="Title">Its title, without the name of the site; null without one.</param>
/// <param name="Kinds">Which kinds of page its structured data names.</param>
sealed record PageContext(Uri? Address, string? Title, PageKinds Kinds)
{
    /// <summary>It says that it is one article.</summary>
    public bool IsArticle { get; init; }

    /// <summary>The text that it gives as that of its article; null where it gives none.</summary>
    public string? ArticleBody { get; init; }

    /// <summary>Its address reads like that of a forum: a host or a folder is named so. The name of a page may speak of anything.</summary>
    public bool IsForumAddress => Address is { IsAbsoluteUri: true } address
        && (address.Host.Split('.').Any(IsForumName) || address.Segments.SkipLast(1).Any(IsForumName)
            || address.Segments[^1].StartsWith("showthread", StringComparison.OrdinalIgnoreCase)
            || address.Segments[^1].StartsWith("viewtopic", StringComparison.OrdinalIgnoreCase));

    static bool IsForumName(string name) => name.Trim('/').ToLowerInvariant() is "forum" or "forums" or "thread" or "threads" or "topic"
        or "topics" or "t" or "question" or "questions" or "answers" or "community" or "discuss" or "discussion" or "discussions" or "board"
        or "boards";
}

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
