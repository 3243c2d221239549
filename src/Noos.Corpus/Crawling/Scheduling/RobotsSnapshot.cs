namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>A robots.txt as it is kept.</summary>
/// <param name="Kind">Whether there is a file.</param>
/// <param name="Content">Its bytes, at most as many as are read.</param>
/// <param name="ExpireAt">When it must be fetched anew, in milliseconds since 1970.</param>
sealed record RobotsSnapshot(RobotsKind Kind, byte[] Content, long ExpireAt);

/// <summary>What came of the request for a robots.txt; the numbers are those of the file.</summary>
enum RobotsKind
{
    /// <summary>There is one.</summary>
    File = 0,

    /// <summary>There is none (4xx): all is allowed.</summary>
    Absent = 1,

    /// <summary>It cannot be had (5xx, 429, no answer): nothing is allowed.</summary>
    Unreachable = 2,
}
