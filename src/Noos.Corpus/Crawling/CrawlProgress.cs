namespace Noos.Corpus.Crawling;

/// <summary>How far a crawl is.</summary>
/// <param name="Fetched">Pages that were fetched in this run, robots.txt files not counted.</param>
/// <param name="Requests">All requests of this run.</param>
/// <param name="Bytes">Bytes that this run has added to the archive.</param>
/// <param name="Queued">Addresses that wait, over all runs.</param>
/// <param name="Discovered">Addresses that were ever seen.</param>
/// <param name="Hosts">Hosts that have pages to fetch.</param>
/// <param name="UnderWay">Hosts that are being visited.</param>
/// <param name="Elapsed">Since the run began.</param>
public readonly record struct CrawlProgress(
    long Fetched, long Requests, long Bytes, long Queued, long Discovered, int Hosts, int UnderWay, TimeSpan Elapsed)
{
    /// <summary>Pages a second since the run began.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Fetched / Elapsed.TotalSeconds : 0;
}
