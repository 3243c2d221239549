namespace Noos.Corpus.Extraction;

/// <summary>A web page as people read it: its content without its frame, and what it says of itself.</summary>
public sealed record WebPage
{
    /// <summary>The content as Markdown, without the title.</summary>
    public required string Markdown { get; init; }

    /// <summary>The content as plain text, a block on each line.</summary>
    public required string Text { get; init; }

    /// <summary>Its links in reading order, each address once.</summary>
    public IReadOnlyList<PageLink> Links { get; init; } = [];

    /// <summary>The title without the name of the site; null without one.</summary>
    public string? Title { get; init; }

    public string? Author { get; init; }

    /// <summary>When it was published; null when unknown.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Language (BCP 47) as the page declares it; null when it does not.</summary>
    public string? Language { get; init; }

    public string? Site { get; init; }

    public string? Description { get; init; }

    /// <summary>The address under which the page wants to be known; null when it does not say.</summary>
    public Uri? Canonical { get; init; }
}
