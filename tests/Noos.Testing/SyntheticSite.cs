using System.Globalization;

namespace Noos.Testing;

/// <summary>What a host of a synthetic web is like.</summary>
public enum SiteKind
{
    Plain,

    /// <summary>Its robots.txt forbids a part of it.</summary>
    Fenced,

    /// <summary>Its robots.txt is an error of the server (5xx): nothing may be fetched.</summary>
    RobotsBroken,

    /// <summary>Its robots.txt closes the connection.</summary>
    RobotsCut,

    /// <summary>Its robots.txt is 403: all may be fetched.</summary>
    RobotsForbidden,

    /// <summary>Its robots.txt is at the fifth address that it redirects to, and forbids a part.</summary>
    RobotsMoved,

    /// <summary>Its robots.txt redirects for ever: all may be fetched.</summary>
    RobotsLoop,

    /// <summary>Its robots.txt is on another host.</summary>
    RobotsElsewhere,

    /// <summary>Its robots.txt first asks for patience (429).</summary>
    RobotsBusy,

    /// <summary>Its robots.txt asks for a pause.</summary>
    CrawlDelay,

    /// <summary>It answers slowly.</summary>
    Slow,

    /// <summary>It has addresses without an end.</summary>
    Trap,

    /// <summary>It redirects, in chains and in circles.</summary>
    Redirects,

    /// <summary>It has errors, cut answers, and asks for patience.</summary>
    Troubled,

    /// <summary>It does not want some of its pages to be used.</summary>
    OptedOut,

    /// <summary>Half of its pages are in its sitemaps only.</summary>
    Sitemaps,

    /// <summary>Its pages are in encodings that their headers do not name, or name wrongly.</summary>
    Charsets,

    /// <summary>It links to this machine and to addresses that are not public.</summary>
    Inward,
}

/// <summary>A host of a synthetic web: what it has, and what of it a crawler must fetch, may fetch and must not.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is like.</param>
/// <param name="Pages">How many pages its tree has.</param>
public sealed record SyntheticSite(int Index, string Name, SiteKind Kind, int Pages)
{
    /// <summary>The pause that it asks for, in seconds.</summary>
    public double CrawlDelay => Kind == SiteKind.CrawlDelay ? 0.4 : 0;

    /// <summary>Nothing but its robots.txt may be asked for.</summary>
    public bool IsClosed => Kind is SiteKind.RobotsBroken or SiteKind.RobotsCut;

    public static string PathOf(int page) => page == 0 ? "/" : string.Create(CultureInfo.InvariantCulture, $"/p/{page}.html");

    /// <summary>What its robots.txt says; null where it has none.</summary>
    public string? Robots => Kind switch
    {
        SiteKind.Fenced or SiteKind.RobotsMoved or SiteKind.RobotsElsewhere =>
            "# everybody\r\nUser-agent: *\r\nDisallow: /private/\r\nAllow: /private/open\r\nDisallow: /*.secret$\r\n"
            + "Disallow: /caf%C3%A9\r\n\r\nUser-agent: other\r\nDisallow: /\r\n",
        SiteKind.CrawlDelay => "User-agent: noos\nCrawl-delay: 0.4\nDisallow: /private/\n\nUser-agent: *\nDisallow: /\n",
        SiteKind.Sitemaps => "User-agent: *\nAllow: /\nSitemap: /sitemap-index.xml\n",
        SiteKind.OptedOut => "User-agent: *\nContent-Signal: /signal/ search=yes, ai-train=no\nAllow: /\n",
        SiteKind.RobotsBusy or SiteKind.Slow or SiteKind.Trap => "User-agent: *\nDisallow:\n",
        _ => null,
    };

    /// <summary>Whether a path must never be asked for.</summary>
    public bool IsForbidden(string path) =>
        path.StartsWith("/nofollow/", StringComparison.Ordinal)
        || (IsClosed && path != "/robots.txt")
        || (Kind is SiteKind.Fenced or SiteKind.RobotsMoved or SiteKind.RobotsElsewhere or SiteKind.CrawlDelay
            && path.StartsWith("/private/", StringComparison.Ordinal)
            && (Kind == SiteKind.CrawlDelay || !path.StartsWith("/private/open", StringComparison.Ordinal)))
        || (Kind is SiteKind.Fenced or SiteKind.RobotsMoved or SiteKind.RobotsElsewhere
            && (path.EndsWith(".secret", StringComparison.Ordinal) || path.StartsWith("/caf%C3%A9", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The pages that must be in the archive at the end of a crawl.</summary>
    public IEnumerable<string> Wanted()
    {
        if (IsClosed)
        {
            return [];
        }

        var tree = Enumerable.Range(0, Pages).Select(PathOf);
        return Kind switch
        {
            SiteKind.Fenced or SiteKind.RobotsMoved or SiteKind.RobotsElsewhere => tree.Append("/private/open.html"),
            SiteKind.Sitemaps => tree.Concat(Enumerable.Range(0, Pages).Select(SitemapPath)),
            SiteKind.Redirects => tree.Append("/moved/target.html"),
            SiteKind.OptedOut => tree.Append("/opt/plain.html"),
            _ => tree,
        };
    }

    /// <summary>Pages that are fetched but must not be kept.</summary>
    public IEnumerable<string> Unwanted() => Kind == SiteKind.OptedOut
        ? ["/opt/noindex.html", "/opt/noai.html", "/opt/header.html", "/opt/tdm.html", "/signal/page.html", "/reserved/page.html"]
        : [];

    public static string SitemapPath(int page) => string.Create(CultureInfo.InvariantCulture, $"/listed/{page}.html");
}
