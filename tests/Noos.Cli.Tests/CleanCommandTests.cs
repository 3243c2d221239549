using System.Diagnostics;
using System.Security.Cryptography;
using Noos.Corpus.Cleaning;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary><c>noos clean</c>, <c>noos corpus</c> and what is made of them, as a shell runs it.</summary>
public sealed class CleanCommandTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Crawl_becomes_a_corpus_an_index_and_a_report_and_an_opt_out_takes_out()
    {
        var web = await CrawlAsync(hosts: 3, pages: 6);
        var corpus = _folder.File("corpus");
        var clean = await terminal.RunAsync(["clean", _folder.File("crawl"), "--out", corpus, "--workers", "2"]);
        var add = await terminal.RunAsync(["index", "add", corpus]);
        var address = web.Address(web.Sites[0].Name, "/");
        var page = await terminal.RunAsync(["index", "show", address, "--as-fetched"]);
        var shown = await terminal.RunAsync(["corpus", "show", corpus, address]);
        var report = await terminal.RunAsync(["corpus", "report", corpus]);
        var optOut = await terminal.RunAsync(["corpus", "opt-out", corpus, web.Sites[0].Name]);
        var gone = await terminal.RunAsync(["index", "show", address, "--as-fetched"]);

        Assert.Equal(0, clean.ExitCode);
        Assert.Contains("For train:", clean.Output);
        Assert.Contains("documents added", add.Output);
        Assert.Contains("<html", page.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("fetched 20", page.Error);
        Assert.Contains("search: ", shown.Output);
        Assert.Equal(0, report.ExitCode);
        Assert.StartsWith("<!doctype html>", File.ReadAllText(Path.Combine(corpus, "report.html")));
        Assert.Matches("Removed [1-9][0-9]* documents", optOut.Output);
        Assert.NotEqual(0, gone.ExitCode);
    }

    [Fact]
    public async Task Killed_workers_lose_nothing_and_change_nothing()
    {
        await CrawlAsync(hosts: 12, pages: 25);
        var random = new Random(3);
        string[] command = ["clean", _folder.File("crawl"), "--range-size", "4K", "--workers", "2", "--lease", "1", "--out"];
        Assert.Equal(0, (await terminal.RunAsync([.. command, _folder.File("whole")])).ExitCode);
        var kills = 0;
        for (var round = 0; round < 6; round++)
        {
            // Two processes at a time, on one corpus.
            using var one = terminal.Start([.. command, _folder.File("killed")]);
            using var other = terminal.Start([.. command, _folder.File("killed")]);
            await Task.Delay(random.Next(300, 1500), Cancel);
            foreach (var process in (Process[])[one, other])
            {
                kills += process.HasExited ? 0 : 1;
                process.Kill();
                await process.WaitForExitAsync(Cancel);
            }
        }

        var last = await terminal.RunAsync([.. command, _folder.File("killed")]);

        Assert.Equal(0, last.ExitCode);
        Assert.True(kills > 0);
        Assert.Equal(Digests("whole"), Digests("killed"));
        Assert.True(CorpusTally.Read(_folder.File("killed/corpus.json")).Pages.Pages > 250);
    }

    [Theory]
    [InlineData("no corpus yet", "clean", "--out", "OUT")]
    [InlineData("no file or folder", "clean", "/no/such/archive", "--out", "OUT")]
    [InlineData("--out", "clean", "x.warc.gz")]
    [InlineData("from 0 to 1", "clean", "x.warc.gz", "--out", "OUT", "--similarity", "2")]
    [InlineData("no cleaned corpus", "corpus", "report", "OUT")]
    [InlineData("no cleaned corpus", "corpus", "opt-out", "OUT", "example.org")]
    public async Task Mistake_is_one_sentence(string word, params string[] command)
    {
        var result = await terminal.RunAsync([.. command.Select(part => part == "OUT" ? _folder.File("out") : part)]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(word, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
    }

    async Task<SyntheticWeb> CrawlAsync(int hosts, int pages)
    {
        using var web = new SyntheticWeb(hosts, isPlain: true, pages: pages);
        var crawl = await terminal.RunAsync(
        [
            "crawl", web.Seed, "--out", _folder.File("crawl"), "--scope", "web", "--delay", "0", "--address-delay", "0", "--resolve",
            "*.test=127.1.0.0/16", "--private-host", $"*.test:{web.Port}",
        ]);
        Assert.Equal(0, crawl.ExitCode);
        return web;
    }

    SortedDictionary<string, string> Digests(string corpus) => new(
        Directory.EnumerateFiles(_folder.File(corpus), "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/manifests/", StringComparison.Ordinal) && !path.Contains("/leases/", StringComparison.Ordinal))
            .ToDictionary(
                path => Path.GetRelativePath(_folder.File(corpus), path),
                path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);
}
