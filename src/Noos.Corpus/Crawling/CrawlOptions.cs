using System.Text.RegularExpressions;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.OptOuts;

namespace Noos.Corpus.Crawling;

/// <summary>What a crawl fetches, and how politely.</summary>
public sealed record CrawlOptions
{
    /// <summary>The product token that robots.txt files name: letters, digits, hyphens and underscores.</summary>
    public string Agent { get; init; } = "noos";

    /// <summary>What sites are told of the crawler: a page about it, or an address of mail; null for nothing.</summary>
    public string? Contact { get; init; }

    public CrawlScope Scope { get; init; } = CrawlScope.Domain;

    /// <summary>Only addresses that match are fetched; null for all.</summary>
    public Regex? Include { get; init; }

    /// <summary>Addresses that match are not fetched; null for none.</summary>
    public Regex? Exclude { get; init; }

    /// <summary>Pages in all, over all runs; the crawl ends with them.</summary>
    public long MaxPages { get; init; } = long.MaxValue;

    /// <summary>Addresses of one host that are remembered: the last guard against hosts without an end.</summary>
    public int MaxPagesPerHost { get; init; } = 50_000;

    /// <summary>Links from a seed.</summary>
    public int MaxDepth { get; init; } = 25;

    /// <summary>Bytes of a page as they are sent; the rest is cut, and the archive says so.</summary>
    public int MaxPageBytes { get; init; } = 5 << 20;

    /// <summary>Bytes of a sitemap, unpacked (sitemaps.org allows 50 MB).</summary>
    public int MaxSitemapBytes { get; init; } = 50 << 20;

    /// <summary>Redirects that lead from one page to another.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Requests for one page, or for one robots.txt, before it is given up.</summary>
    public int MaxTries { get; init; } = 3;

    /// <summary>Requests under way at a time, each to another host and another IP address.</summary>
    public int MaxConcurrency { get; init; } = 64;

    /// <summary>Least time between the end of an answer and the next request to the same host.</summary>
    public TimeSpan HostDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same for all hosts at one IP address.</summary>
    public TimeSpan AddressDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A host that needs long for an answer is left alone for so many times as long.</summary>
    public double LatencyFactor { get; init; } = 5;

    /// <summary>Longest time that a slow host is left alone for being slow.</summary>
    public TimeSpan MaxLatencyDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a host is left alone after its first failure; twice as long after each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest wait for one host: one that asks for more (Retry-After, Crawl-delay) or fails for longer has its turn in a later run.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a robots.txt counts (RFC 9309: at most a day).</summary>
    public TimeSpan RobotsLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the addresses of a name count.</summary>
    public TimeSpan ResolvedLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// After which time a page is fetched again, if it has changed; afterwards sooner or later, as it changes. Null for never.
    /// </summary>
    public TimeSpan? Revisit { get; init; }

    /// <summary>Sitemaps that a robots.txt names are read.</summary>
    public bool ReadsSitemaps { get; init; } = true;

    /// <summary>The file of the TDM reservation protocol is asked for, once a host.</summary>
    public bool ReadsTdmFile { get; init; } = true;

    /// <summary>
    /// What keeps a page out of the archive when it, or its site, says so; all else that it says is only stored beside it.
    /// </summary>
    public OptOut Honoured { get; init; } =
        OptOut.NoIndex | OptOut.NoArchive | OptOut.NoAi | OptOut.Tdm | OptOut.NoTraining;

    /// <summary>Only text, markup, JSON and PDF is kept; false for whatever comes.</summary>
    public bool TextOnly { get; init; } = true;

    /// <summary>A WARC file is finished when it is so long.</summary>
    public long MaxFileBytes { get; init; } = 1 << 30;

    /// <summary>How archives are packed. A crawl goes on with what it has begun with.</summary>
    public ArchiveCompression Compression { get; init; }

    /// <summary>Which part of a name belongs to one registrant.</summary>
    public PublicSuffixList PublicSuffixes { get; init; } = PublicSuffixList.Default;

    /// <summary>What is sent as User-Agent.</summary>
    public string UserAgent => Contact is null ? $"{Agent}/0.1" : $"{Agent}/0.1 (+{Contact})";
}
