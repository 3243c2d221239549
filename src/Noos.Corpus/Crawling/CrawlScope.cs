namespace Noos.Corpus.Crawling;

/// <summary>How far a crawl goes from its seeds.</summary>
public enum CrawlScope
{
    /// <summary>The hosts of the seeds.</summary>
    Host,

    /// <summary>
    /// All hosts of the registered domains of the seeds: of <c>www.example.co.uk</c> those that end in <c>example.co.uk</c>.
    /// </summary>
    Domain,

    /// <summary>Wherever links lead.</summary>
    Web,
}
