using Noos.Core;
using Noos.Core.Network;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling;
using Noos.Corpus.Crawling.Fetching;
using Noos.Corpus.Crawling.Partitions;
using Noos.Testing;

namespace Noos.Corpus.Tests.Crawling;

/// <summary>Several that crawl as one, on a web of this machine; as processes, and killed, they are in the tests of the command.</summary>
public sealed class CrawlTeamTests : IDisposable
{
    const double HostDelay = 0.05;
    const double AddressDelay = 0.01;
    const int Partitions = 6;

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

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_rule_is_broken_by_several_that_crawl_as_one_and_every_page_is_kept_once()
    {
        using var web = new SyntheticWeb(hosts: 60, pages: 4);
        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CrawlAsync(web)));

        Assert.Empty(web.FindFaults(HostDelay, AddressDelay));
        var captures = File.ReadLines(_folder.File("index.cdxj")).Select(CdxjEntry.Parse)
            .Where(entry => entry.Status == "200" || entry.Mime == "warc/revisit").CountBy(entry => entry.Url)
            .ToDictionary(StringComparer.Ordinal);
        foreach (var site in web.Sites)
        {
            Assert.All(site.Wanted(), path => Assert.Equal(1, captures.GetValueOrDefault(web.Address(site.Name, path))));
            Assert.All(site.Unwanted(), path => Assert.DoesNotContain(web.Address(site.Name, path), captures.Keys));
        }

        // All say the same of the whole, and each has worked on a part of it.
        Assert.Single(reports.Select(report => (report.Fetched, report.Failed, report.Refused)).Distinct());
        Assert.All(reports, report => Assert.True(report.Progress.Fetched > 0));
        Assert.Equal(reports[0].Fetched, reports.Sum(report => report.Progress.Fetched));
    }

    [Fact]
    public async Task Crawl_that_was_stopped_goes_on_with_another_number_of_members()
    {
        using var web = new SyntheticWeb(hosts: 20, isPlain: true, pages: 10) { HoldsAfter = 60 };
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var begun = new[] { CrawlAsync(web, stop.Token), CrawlAsync(web, stop.Token) };
            while (web.Log.Count < 60)
            {
                await Task.Delay(5, Token);
            }

            await stop.CancelAsync();
            web.GoOn();
            var stopped = await Task.WhenAll(begun);
            Assert.InRange(stopped.Sum(report => report.Progress.Fetched), 1, 199);
        }

        var last = await CrawlAsync(web);

        Assert.Equal(200, last.Fetched);
        Assert.Empty(web.FindFaults(HostDelay, 0));
    }

    [Fact]
    public async Task Crawl_is_one_of_partitions_or_not()
    {
        using var web = new SyntheticWeb(hosts: 2, isPlain: true, pages: 2);
        using var egress = new EgressGuard();
        using var http = egress.CreateClient();
        var services = new CrawlServices(http, new NameResolver(web.ResolveAsync, TimeSpan.FromMinutes(1)), TimeProvider.System);

        Assert.Equal(ErrorKind.NotFound, Refusal(null));
        Assert.Equal(ErrorKind.Invalid, Refusal(1));
        await CrawlAsync(web);
        Assert.Equal(ErrorKind.Refused, Refusal(Partitions + 1));
        using (CrawlTeam.Join(_folder.Path, null, s_options, services))
        {
        }

        File.WriteAllText(_folder.File("partitions.txt"), "many");
        Assert.Equal(ErrorKind.Damaged, Refusal(null));
        using (Crawler.Open(_folder.File("alone"), s_options, services))
        {
        }

        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(
            () => CrawlTeam.Join(_folder.File("alone"), Partitions, s_options, services)).Kind);

        ErrorKind Refusal(int? partitions) =>
            Assert.Throws<NoosException>(() => CrawlTeam.Join(_folder.Path, partitions, s_options, services)).Kind;
    }

    async Task<CrawlReport> CrawlAsync(SyntheticWeb web, CancellationToken? stop = null)
    {
        var names = new NameResolver(web.ResolveAsync, s_options.ResolvedLifetime);
        using var egress = new EgressGuard(CrawlServices.EgressFor(s_options, names, [$"*.test:{web.Port}"]));
        using var http = egress.CreateClient();
        using var team = CrawlTeam.Join(_folder.Path, Partitions, s_options, new CrawlServices(http, names, TimeProvider.System));
        return await team.RunAsync([web.Seed], stop ?? Token);
    }
}
