using Noos.Corpus.Crawling.Robots;

namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>
/// A host with scheme and port, as one queue. Changed by the workbench alone, under its lock, unless it is busy with a visit.
/// </summary>
sealed class HostState(long id, string origin, string name)
{
    /// <summary>Its row; 0 before it has one.</summary>
    public long Id { get; set; } = id;

    /// <summary>Such as <c>https://example.org</c>.</summary>
    public string Origin => origin;

    /// <summary>Such as <c>example.org</c>.</summary>
    public string Name => name;

    /// <summary>Nothing is sent before this time, in milliseconds since 1970.</summary>
    public long NextAt { get; set; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; set; }

    /// <summary>It had a visit in this run, or waits for its first one.</summary>
    public bool IsVisited { get; set; }

    /// <summary>A visit is under way, or waits to be written.</summary>
    public bool IsBusy { get; set; }

    /// <summary>It stands in the queue of the workbench.</summary>
    public bool IsQueued { get; set; }

    /// <summary>It has pages to fetch.</summary>
    public bool HasPages { get; set; }

    /// <summary>Addresses of it that are remembered.</summary>
    public int Pages { get; set; }

    /// <summary>When its robots.txt must be fetched anew; 0 before the first time.</summary>
    public long RobotsExpireAt { get; set; }

    /// <summary>Failed requests for its robots.txt in a row.</summary>
    public int RobotsTries { get; set; }

    /// <summary>Its rules; null until they are loaded.</summary>
    public RobotsRules? Rules { get; set; }

    /// <summary>The file of the TDM reservation protocol; empty where it has none, null before it was asked for.</summary>
    public byte[]? TdmFile { get; set; }

    /// <summary>It has failed too often, or asks for more time than a run has.</summary>
    public bool IsGivenUp { get; set; }
}
