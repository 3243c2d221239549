namespace Noos.Corpus.Crawling.Links;

/// <summary>What a sitemap names.</summary>
sealed class Sitemap
{
    public List<string> Pages { get; } = [];

    /// <summary>Further sitemaps.</summary>
    public List<string> Sitemaps { get; } = [];
}
