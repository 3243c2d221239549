using System.Text;
using Noos.Core;
using Noos.Core.Network;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling;
using Noos.Corpus.Crawling.Fetching;
using Noos.Testing;

namespace Noos.Corpus.Tests.Crawling;

/// <summary>The real crawler on a web of this machine, whose own log says whether it was polite.</summary>
public sealed class CrawlerTests : IDisposable
{
    const double HostDelay = 0.05;
    const double AddressDelay = 0.01;

    static readonly CrawlOptions s_options = new()
    {
        Scope = CrawlScope.Web,
        HostDelay = TimeSpan.FromSeconds(HostDelay),
        AddressDelay = TimeSpan.FromSeconds(AddressDelay),
        RetryDelay = TimeSpan.FromSeconds(0.2),
        MaxLatencyDelay = TimeSpan.FromSeconds(0.1),
        MaxPageBytes = 1 << 20,
        MaxWait = TimeSpan.FromSeconds(10),
    };

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_rule_is_broken_and_every_page_is_kept_as_it_was_sent()
    {
        using var web = new SyntheticWeb(hosts: 100, pages: 4);
        var report = await CrawlAsync(web, s_options);

        Assert.Empty(web.FindFaults(HostDelay, AddressDelay));
        var kept = Kept();
        foreach (var site in web.Sites)
        {
            Assert.All(site.Wanted(), path => Assert.Contains(web.Address(site.Name, path), kept));
            Assert.All(site.Unwanted(), path => Assert.DoesNotContain(web.Address(site.Name, path), kept));
        }

        Assert.Equal(0, report.Progress.UnderWay);
        Assert.Contains(report.Reasons, reason => reason.Reason == "robots.txt");
        Assert.Contains(report.Reasons, reason => reason.Reason == "opted out: noai");
        Assert.Contains(report.Reasons, reason => reason.Reason == "not of the public web");

        // Nothing was asked for twice but what had failed.
        var twice = web.Log
            .Where(request => request.Status == 200 && !request.Path.StartsWith("/robots", StringComparison.Ordinal))
            .GroupBy(request => (request.Host, request.Path)).Where(group => group.Count() > 1).Select(group => group.Key);
        Assert.Empty(twice);
        Assert.Equal(Lines("index.cdxj").Order(StringComparer.Ordinal), Lines("index.cdxj"));
        CheckRecords();
    }

    [Fact]
    public async Task Same_crawl_again_fetches_nothing()
    {
        using var web = new SyntheticWeb(hosts: 5, isPlain: true, pages: 5);
        await CrawlAsync(web, s_options);
        var requests = web.Log.Count;
        var again = await CrawlAsync(web, s_options);

        Assert.Equal(requests, web.Log.Count);
        Assert.Equal(0, again.Progress.Fetched);
        Assert.Equal(25, again.Fetched);
    }

    [Fact]
    public async Task Stopped_crawl_goes_on_and_fetches_nothing_twice()
    {
        using var web = new SyntheticWeb(hosts: 20, isPlain: true, pages: 10);
        for (var limit = 30; limit <= 120; limit += 30)
        {
            var report = await CrawlAsync(web, s_options with { MaxPages = limit });
            Assert.Equal(limit, report.Fetched);
        }

        var last = await CrawlAsync(web, s_options);

        Assert.Equal(200, last.Fetched);
        Assert.All(
            web.Log.Where(request => request.Path.StartsWith("/p/", StringComparison.Ordinal))
                .GroupBy(request => (request.Host, request.Path)),
            group => Assert.Single(group));
        Assert.Empty(web.FindFaults(HostDelay, AddressDelay));
    }

    [Fact]
    public async Task Page_that_is_due_is_asked_for_only_if_it_has_changed()
    {
        using var web = new SyntheticWeb(hosts: 2, isPlain: true, pages: 3);
        var options = s_options with { Revisit = TimeSpan.FromMilliseconds(1) };
        await CrawlAsync(web, options);
        var report = await CrawlAsync(web, options);

        var again = web.Log.Where(request => request.IsConditional).ToList();
        Assert.Equal(6, again.Count);
        Assert.All(again, request => Assert.Equal(304, request.Status));
        Assert.Equal(6, report.Progress.Fetched);
        Assert.NotNull(report.NextDue);
        Assert.Contains(Lines("index.cdxj"), line => line.Contains("warc/revisit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Second_crawler_of_a_folder_is_refused()
    {
        using var web = new SyntheticWeb(hosts: 1);
        using var egress = new EgressGuard();
        using var http = egress.CreateClient();
        var services = new CrawlServices(http, new NameResolver(web.ResolveAsync, TimeSpan.FromMinutes(1)), TimeProvider.System);
        using var first = Crawler.Open(_folder.Path, s_options, services);

        Assert.Equal(
            ErrorKind.Busy, Assert.Throws<NoosException>(() => Crawler.Open(_folder.Path, s_options, services)).Kind);
        var wrong = await Assert.ThrowsAsync<NoosException>(() => first.RunAsync(["ftp://x"], TestContext.Current.CancellationToken));
        Assert.Equal(ErrorKind.Invalid, wrong.Kind);
    }

    async Task<CrawlReport> CrawlAsync(SyntheticWeb web, CrawlOptions options)
    {
        var names = new NameResolver(web.ResolveAsync, options.ResolvedLifetime);
        using var egress = new EgressGuard(CrawlServices.EgressFor(options, names, [$"*.test:{web.Port}"]));
        using var http = egress.CreateClient();
        using var crawler = Crawler.Open(_folder.Path, options, new CrawlServices(http, names, TimeProvider.System));
        return await crawler.RunAsync([web.Seed], TestContext.Current.CancellationToken);
    }

    /// <summary>What was packed on its way, and what was cut.</summary>
    void CheckRecords()
    {
        var records = Directory.GetFiles(_folder.Path, "*.warc.gz").SelectMany(path =>
        {
            using var reader = WarcReader.Open(path);
            return reader.Read().ToList();
        }).ToList();
        var pages = records.Where(record => record.Type == WarcTypes.Response && record.Http!.Status == 200).ToList();
        foreach (var encoding in (ReadOnlySpan<string>)["gzip", "br", "zstd"])
        {
            var page = pages.First(record => record.Http!.Headers["Content-Encoding"] == encoding);
            Assert.Contains("</html>", Encoding.Latin1.GetString(page.Http!.DecodeBody()));
        }

        Assert.Contains(pages, page => page.Headers["WARC-Truncated"] == "length");
        Assert.Contains(pages, page => page.Headers["WARC-Truncated"] == "disconnect");
        Assert.All(pages, page => Assert.Equal(WarcDigest.Compute(page.Http!.Body.Span), page.Headers["WARC-Payload-Digest"]));
        Assert.Contains(records, record => record.Type == WarcTypes.Metadata
            && Encoding.UTF8.GetString(record.Content.Span).Contains("optOuts: noarchive", StringComparison.Ordinal));
    }

    string[] Lines(string name) => File.ReadAllLines(_folder.File(name));

    HashSet<string> Kept() =>
    [
        .. Lines("index.cdxj").Select(CdxjEntry.Parse).Where(entry => entry.Status == "200" || entry.Mime == "warc/revisit")
            .Select(entry => entry.Url),
    ];
}
