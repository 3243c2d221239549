using System.Globalization;
using System.Text;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Links;
using Noos.Corpus.Crawling.OptOuts;
using Noos.Corpus.Crawling.Rendering;
using Noos.Corpus.Crawling.Robots;
using Noos.Corpus.Crawling.Scheduling;
using Noos.Corpus.Extraction;

namespace Noos.Corpus.Crawling;

/// <summary>
/// What becomes of the answer to a request for a page: the archive, the links, what is known for the next time. Thread-safe.
/// </summary>
sealed class PageJudge(CrawlOptions options, FrontierStore store, ScopeFilter scope, CrawlClock clock)
{
    // A page that did not change is asked for less often, one that did more often: Nutch's factors and bounds.
    const double Unchanged = 1.4;
    const double Changed = 0.8;
    const long MinInterval = 60_000;
    const long MaxInterval = 365L * 24 * 3_600_000;

    /// <summary>Whether the body of an answer is read.</summary>
    public bool Keeps(HttpMessage head) => !options.TextOnly || head.Status is < 200 or >= 300 || IsText(head.MediaType);

    /// <summary>The page that a browser must build before anything can be read from it; null for all others.</summary>
    public PageToRender? FindPageToRender(PageEntry page, FetchAnswer answer, HostState host, RobotsRules rules)
    {
        if (page.IsSitemap || answer is not { Status: 200, Capture: { Truncated: null, Response: var response } capture })
        {
            return null;
        }

        var body = response.DecodeBody(4 * options.MaxPageBytes);
        if (!IsHtml(response.MediaType, body))
        {
            return null;
        }

        var html = EncodingSniffer.Decode(body, response.Charset);
        if (!ScriptedPage.IsBuiltByScript(html))
        {
            return null;
        }

        // What is not kept need not be built.
        var optOuts = SiteOptOuts(page, response, host, rules);
        foreach (var (name, content) in LinkScanner.Scan(html).Metas)
        {
            optOuts |= OptOutReader.ReadMeta(name, content, options.Agent);
        }

        // In one charset whatever it came in, so that browser and crawler read the same.
        return (optOuts & options.Honoured) == OptOut.None
            ? new PageToRender(capture.Uri, "text/html;charset=utf-8", Encoding.UTF8.GetBytes(html))
            : null;
    }

    public void Judge(VisitOutcome outcome, PageEntry page, FetchAnswer answer, RobotsRules rules, RenderedPage? rendered = null)
    {
        switch (answer)
        {
            case { Fault: { } fault }:
                Fail(outcome, page, answer, fault, isFinal: answer.IsFinal);
                break;
            case { Status: 304 } when page.Known is not null:
                KeepUnchanged(outcome, page, answer, rules);
                break;
            case { Status: 429 or >= 500 }:
                Fail(outcome, page, answer, Describe(answer.Status), isFinal: false);
                break;
            case { Status: 301 or 302 or 303 or 307 or 308 } when answer.Capture!.Response.Headers["Location"] is { } location:
                Move(outcome, page, answer, location);
                break;
            case { Status: >= 200 and < 300 }:
                Keep(outcome, page, answer, rules, rendered);
                break;
            default:
                Archive(outcome, page, answer.Capture!, OptOut.None, isKept: true);
                outcome.Pages.Add(new PageChange(page.Id, PageState.Failed, page.Tries, answer.Status, Describe(answer.Status)));
                break;
        }
    }

    static string Describe(int status) => string.Create(CultureInfo.InvariantCulture, $"HTTP {status}");

    static bool IsText(string? mediaType) => mediaType is null
        || mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("+xml", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
        || mediaType.ToLowerInvariant() is "application/xml" or "application/json" or "application/pdf" or "application/xhtml+xml"
            or "application/octet-stream" or "unk";

    static bool IsHtml(string? mediaType, ReadOnlySpan<byte> body) => mediaType is null
        ? body[..Math.Min(body.Length, 512)].IndexOf("<"u8) >= 0
        : mediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals("application/xhtml+xml", StringComparison.OrdinalIgnoreCase);

    void Fail(VisitOutcome outcome, PageEntry page, FetchAnswer answer, string reason, bool isFinal)
    {
        var tries = page.Tries + 1;
        var state = isFinal ? PageState.Refused : tries >= options.MaxTries ? PageState.Failed : PageState.Queued;
        outcome.Pages.Add(new PageChange(page.Id, state, tries, answer.Status, reason));
    }

    void Move(VisitOutcome outcome, PageEntry page, FetchAnswer answer, string location)
    {
        Archive(outcome, page, answer.Capture!, OptOut.None, isKept: true);
        outcome.Pages.Add(new PageChange(page.Id, PageState.Moved, page.Tries, answer.Status, null));
        if (page.Redirects < options.MaxRedirects && CanonicalAddress.TryParse(location, AddressOf(outcome, page)) is { } target
            && scope.Contains(target, page.Depth))
        {
            outcome.Links.Add(DiscoveredPage.From(target, page.Depth, page.Redirects + 1, page.IsSitemap));
        }
    }

    static WebUrl? AddressOf(VisitOutcome outcome, PageEntry page) => WebUrl.TryParse(outcome.Host.Origin + page.PathAndQuery);

    void KeepUnchanged(VisitOutcome outcome, PageEntry page, FetchAnswer answer, RobotsRules rules)
    {
        var (known, capture) = (page.Known!, answer.Capture!);
        var id = WarcRecordBuilder.NewId();
        outcome.Records.Add(WarcRecordBuilder.Revisit(
            id, capture, known.Digest ?? WarcDigest.Compute([]), WarcTypes.NotModified,
            (capture.Uri, DateTimeOffset.FromUnixTimeMilliseconds(known.FetchedAt)), options.Compression));
        outcome.Records.Add(WarcRecordBuilder.Request(id, capture, options.Compression));
        var optOuts = HeaderOptOuts(capture.Response) | rules.SignalsOf(page.PathAndQuery);
        outcome.Records.Add(WarcRecordBuilder.Metadata(id, capture, Fields(page, answer, optOuts), options.Compression));
        var interval = Interval(known, isChanged: false);
        outcome.Pages.Add(new PageChange(
            page.Id, PageState.Fetched, 0, answer.Status, null,
            known with { Interval = interval, ETag = capture.Response.Headers["ETag"] ?? known.ETag }, Due(interval)));
    }

    void Keep(VisitOutcome outcome, PageEntry page, FetchAnswer answer, RobotsRules rules, RenderedPage? rendered)
    {
        var capture = answer.Capture!;
        var response = capture.Response;
        if (!page.IsSitemap && !Keeps(response))
        {
            outcome.Pages.Add(new PageChange(
                page.Id, PageState.Refused, page.Tries, answer.Status, $"media type {response.MediaType!.ToLowerInvariant()}"));
            return;
        }

        var optOuts = SiteOptOuts(page, response, outcome.Host, rules) | (rendered?.OptOuts ?? OptOut.None);
        var digest = WarcDigest.Compute(response.Body.Span);
        var copy = response.Body.Length > 0 ? store.FindContent(digest) : null;
        var body = response.DecodeBody(page.IsSitemap ? options.MaxSitemapBytes : 4 * options.MaxPageBytes);
        PageLinks? links = null;
        Encoding? encoding = null;
        if (page.IsSitemap)
        {
            AddSitemap(outcome, page, body);
        }
        else if (IsHtml(response.MediaType, body))
        {
            encoding = EncodingSniffer.Find(body, response.Charset);
            links = LinkScanner.Scan(EncodingSniffer.Decode(body, response.Charset));
            foreach (var (name, content) in links.Metas)
            {
                optOuts |= OptOutReader.ReadMeta(name, content, options.Agent);
            }
        }

        if (rendered?.Html is { } built)
        {
            var found = LinkScanner.Scan(built);
            foreach (var (name, content) in found.Metas)
            {
                optOuts |= OptOutReader.ReadMeta(name, content, options.Agent);
            }

            // Applications send the same frame for all addresses; what is built in it differs.
            if (!optOuts.HasFlag(OptOut.NoFollow))
            {
                found.Links.AddRange(rendered.Navigations);
                AddLinks(outcome, page, found, Encoding.UTF8);
            }
        }

        // The links of a copy are those of the other one, or those of a trap.
        if (links is not null && !optOuts.HasFlag(OptOut.NoFollow) && copy is null)
        {
            AddLinks(outcome, page, links, encoding);
        }

        var unwanted = optOuts & options.Honoured;
        var isChanged = page.Known?.Digest != digest;
        var interval = Interval(page.Known, isChanged);
        var version = new PageVersion(response.Headers["ETag"], response.Headers["Last-Modified"], digest, clock.Now, interval);
        if (unwanted != OptOut.None)
        {
            Archive(outcome, page, capture, optOuts, isKept: false, answer);
            outcome.Pages.Add(new PageChange(
                page.Id, PageState.Refused, page.Tries, answer.Status, $"opted out: {OptOutNames.Format(unwanted)}"));
            return;
        }

        Archive(outcome, page, capture, optOuts, isKept: true, answer, digest, copy, rendered);
        outcome.Pages.Add(new PageChange(page.Id, PageState.Fetched, 0, answer.Status, null, version, Due(interval)));
        if (copy is null && response.Body.Length > 0 && capture.Truncated is null)
        {
            outcome.Content = new ContentRecord(digest, capture.Uri, capture.Time.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>What a page does not want, by all that stands outside it.</summary>
    OptOut SiteOptOuts(PageEntry page, HttpMessage response, HostState host, RobotsRules rules) =>
        HeaderOptOuts(response) | rules.SignalsOf(page.PathAndQuery)
        | (host.TdmFile is { Length: > 0 } tdm ? OptOutReader.ReadTdmFile(tdm, page.PathAndQuery) : OptOut.None);

    /// <summary>What an answer does not want, by its headers.</summary>
    public OptOut HeaderOptOuts(HttpMessage response)
    {
        var result = OptOut.None;
        foreach (var (name, value) in response.Headers)
        {
            result |= OptOutReader.ReadHeader(name, value, options.Agent);
        }

        return result;
    }

    void AddLinks(VisitOutcome outcome, PageEntry page, PageLinks links, Encoding? encoding)
    {
        var address = AddressOf(outcome, page);
        var relative = links.Base is null ? address : WebUrl.TryParse(links.Base, address) ?? address;
        var seen = new HashSet<long>();
        foreach (var link in links.Links)
        {
            if (CanonicalAddress.TryParse(link, relative, encoding) is { } url && scope.Contains(url, page.Depth + 1))
            {
                var found = DiscoveredPage.From(url, page.Depth + 1);
                if (seen.Add(found.Id))
                {
                    outcome.Links.Add(found);
                }
            }
        }
    }

    void AddSitemap(VisitOutcome outcome, PageEntry page, byte[] body)
    {
        var sitemap = SitemapReader.Read(body, options.MaxSitemapBytes);
        var address = AddressOf(outcome, page);
        foreach (var (links, isSitemap) in (ReadOnlySpan<(List<string>, bool)>)[(sitemap.Sitemaps, true), (sitemap.Pages, false)])
        {
            foreach (var link in links)
            {
                // Sitemaps of sitemaps of sitemaps are a trap.
                if (CanonicalAddress.TryParse(link, address) is { } url && scope.Contains(url, page.Depth + 1)
                    && (!isSitemap || page.Depth < 3))
                {
                    outcome.Links.Add(DiscoveredPage.From(url, page.Depth + 1, isSitemap: isSitemap));
                }
            }
        }
    }

    void Archive(
        VisitOutcome outcome, PageEntry page, Capture capture, OptOut optOuts, bool isKept, FetchAnswer? answer = null,
        string? digest = null, ContentRecord? copy = null, RenderedPage? rendered = null)
    {
        var id = WarcRecordBuilder.NewId();
        if (isKept)
        {
            digest ??= WarcDigest.Compute(capture.Response.Body.Span);
            outcome.Records.Add(copy is null
                ? WarcRecordBuilder.Response(id, capture, digest, options.Compression)
                : WarcRecordBuilder.Revisit(
                    id, capture, digest, WarcTypes.SameDigest, (copy.Uri, DateTimeOffset.FromUnixTimeMilliseconds(copy.Time)),
                    options.Compression));
            outcome.Records.Add(WarcRecordBuilder.Request(id, capture, options.Compression));
        }

        if (answer is null)
        {
            return;
        }

        var fields = Fields(page, answer, optOuts);
        if (!isKept || rendered is null)
        {
            outcome.Records.Add(WarcRecordBuilder.Metadata(id, capture, fields, options.Compression));
            return;
        }

        var builtId = WarcRecordBuilder.NewId();
        fields.Add(rendered.Html is null ? "renderFault" : WarcTypes.Rendered, rendered.Fault ?? builtId);
        outcome.Records.Add(WarcRecordBuilder.Metadata(id, capture, fields, options.Compression));
        if (rendered.Html is { } built)
        {
            outcome.Records.Add(WarcRecordBuilder.Conversion(
                builtId, id, capture, rendered.Time, "text/html;charset=utf-8", Encoding.UTF8.GetBytes(built), rendered.Truncated,
                options.Compression));
            outcome.Records.Add(WarcRecordBuilder.Metadata(builtId, capture, Fields(page, answer, optOuts), options.Compression));
        }
    }

    static HeaderList Fields(PageEntry page, FetchAnswer answer, OptOut optOuts)
    {
        var fields = new HeaderList();
        fields.Add("hopsFromSeed", page.Depth.ToString(CultureInfo.InvariantCulture));
        fields.Add("fetchTimeMs", answer.Elapsed.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture));
        fields.Add("robots", "allowed");
        if (optOuts != OptOut.None)
        {
            fields.Add("optOuts", OptOutNames.Format(optOuts));
        }

        return fields;
    }

    long Interval(PageVersion? known, bool isChanged) => options.Revisit is not { } first ? 0
        : known is null || known.Interval == 0 ? (long)first.TotalMilliseconds
        : Math.Clamp((long)(known.Interval * (isChanged ? Changed : Unchanged)), MinInterval, MaxInterval);

    long Due(long interval) => interval == 0 ? 0 : clock.Now + interval;
}
