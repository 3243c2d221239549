namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>What has become of an address; the numbers are those of the file.</summary>
enum PageState
{
    Queued = 0,
    Fetched = 1,

    /// <summary>No answer after all tries, or one that says that there is no page.</summary>
    Failed = 2,

    /// <summary>It may not be fetched: robots.txt, the guard, its media type.</summary>
    Refused = 3,

    /// <summary>It leads to another address.</summary>
    Moved = 4,
}
