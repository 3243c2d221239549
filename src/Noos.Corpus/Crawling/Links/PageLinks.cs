namespace Noos.Corpus.Crawling.Links;

/// <summary>Where a page leads, as it stands in it.</summary>
sealed class PageLinks
{
    /// <summary>What relative addresses are relative to; null for the page itself.</summary>
    public string? Base { get; set; }

    /// <summary>Addresses, in their order, those without <c>nofollow</c>.</summary>
    public List<string> Links { get; } = [];

    /// <summary>Names and contents of meta elements.</summary>
    public List<(string Name, string Content)> Metas { get; } = [];
}
