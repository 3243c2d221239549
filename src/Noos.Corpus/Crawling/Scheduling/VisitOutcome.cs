namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>What a visit of a host has brought: written as a whole or not at all.</summary>
sealed class VisitOutcome(HostState host)
{
    public HostState Host => host;

    /// <summary>A request was sent.</summary>
    public bool HasSent { get; set; }

    /// <summary>A page was asked for, which counts against the pages of the crawl.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Hosts that answered for it, such as those that its robots.txt was redirected to; free with it.</summary>
    public List<HostState> Others { get; } = [];

    /// <summary>IP addresses that the visit has to itself.</summary>
    public List<string> Addresses { get; } = [];

    /// <summary>Hosts that no other process of the crawl may ask meanwhile.</summary>
    public List<HostState> Shared { get; } = [];

    public List<PageChange> Pages { get; } = [];

    public List<DiscoveredPage> Links { get; } = [];

    /// <summary>Records for the archive.</summary>
    public List<byte[]> Records { get; } = [];

    public RobotsSnapshot? Robots { get; set; }

    public bool HasTdmFile { get; set; }

    /// <summary>A body that was archived.</summary>
    public ContentRecord? Content { get; set; }
}

/// <summary>What has become of an address.</summary>
/// <param name="Id">Its fingerprint.</param>
/// <param name="State">Queued again after a failure.</param>
/// <param name="Tries">Failed requests.</param>
/// <param name="Status">Of HTTP; 0 without an answer.</param>
/// <param name="Reason">Why it is not there, in a word or two; null where it is.</param>
/// <param name="Version">What was fetched; null where nothing was.</param>
/// <param name="DueAt">When it is fetched again, in milliseconds since 1970; 0 for never.</param>
sealed record PageChange(long Id, PageState State, int Tries, int Status, string? Reason, PageVersion? Version = null, long DueAt = 0);

/// <summary>Where a body lies.</summary>
/// <param name="Digest">Of the body.</param>
/// <param name="Uri">Of its capture.</param>
/// <param name="Time">Of its capture, in milliseconds since 1970.</param>
sealed record ContentRecord(string Digest, string Uri, long Time);
