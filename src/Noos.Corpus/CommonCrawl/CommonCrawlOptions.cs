namespace Noos.Corpus.CommonCrawl;

/// <summary>Where Common Crawl's files are, and how they are fetched.</summary>
public sealed record CommonCrawlOptions
{
    /// <summary>Where <c>crawl-data/</c> and <c>cc-index/</c> lie.</summary>
    public Uri Base { get; init; } = new("https://data.commoncrawl.org/");

    /// <summary>Requests for one file or range before it is given up; each answer that carries bytes begins the count anew.</summary>
    public int MaxTries { get; init; } = 8;

    /// <summary>
    /// Pause before the second try, twice as long before each further one: Common Crawl asks for patience with 403, 429 and 503.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(5);
}
