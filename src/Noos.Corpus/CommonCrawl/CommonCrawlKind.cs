namespace Noos.Corpus.CommonCrawl;

/// <summary>The forms in which Common Crawl publishes a crawl.</summary>
public enum CommonCrawlKind
{
    /// <summary>Whole answers.</summary>
    Warc,

    /// <summary>Plain text of pages.</summary>
    Wet,

    /// <summary>Metadata and links of pages, as JSON.</summary>
    Wat,

    /// <summary>robots.txt files.</summary>
    RobotsTxt,

    /// <summary>Answers that are no pages: redirects, errors.</summary>
    NonPages,
}
