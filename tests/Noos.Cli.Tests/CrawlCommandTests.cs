using System.Diagnostics;
using System.IO.Compression;
using Noos.Corpus.Archive;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary><c>noos crawl</c> as a shell runs it.</summary>
public sealed class CrawlCommandTests(Terminal terminal) : IClassFixture<Terminal>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Crawl_writes_an_archive_and_says_what_it_did()
    {
        using var web = new SyntheticWeb(hosts: 3, isPlain: true, pages: 4);
        File.WriteAllText(_folder.File("seeds"), $"# where to begin\n{web.Seed}\n");
        string[] command =
        [
            "crawl", $"@{_folder.File("seeds")}", "--out", _folder.File("crawl"), "--scope", "web", "--delay", "0", "--address-delay", "0",
            "--resolve", "*.test=127.1.0.0/16", "--private-host", $"*.test:{web.Port}", "--exclude", @"/p/3\.html$",
        ];
        var first = await terminal.RunAsync(command);
        var second = await terminal.RunAsync(command);

        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.StartsWith("9 pages with ", first.Output);
        Assert.StartsWith("0 pages with 0 requests", second.Output);
        Assert.Contains("In all 9 pages", second.Output);
        var entry = CdxjEntry.Parse(File.ReadLines(Path.Combine(_folder.File("crawl"), "index.cdxj")).First());
        using var reader = WarcReader.Open(Path.Combine(_folder.File("crawl"), entry.FileName));
        Assert.Equal(entry.Url, reader.ReadAt(entry.Offset).TargetUri);
    }

    [Theory]
    [InlineData("no address", "crawl", "ftp://x/", "--out", "OUT")]
    [InlineData("--out", "crawl", "http://x/")]
    [InlineData("seeds", "crawl", "@/no/such/file", "--out", "OUT")]
    [InlineData("leads", "crawl", "http://x/", "--out", "OUT", "--resolve", "x")]
    [InlineData("regular expression", "crawl", "http://x/", "--out", "OUT", "--include", "(")]
    [InlineData("letters", "crawl", "http://x/", "--out", "OUT", "--agent", "my bot")]
    public async Task Mistake_is_one_sentence(string word, params string[] command)
    {
        var result = await terminal.RunAsync([.. command.Select(part => part == "OUT" ? _folder.File("out") : part)]);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(word, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public async Task Files_of_a_list_are_fetched_and_verified()
    {
        using var web = new SyntheticWeb(hosts: 1, isPlain: true, pages: 2);
        await terminal.RunAsync(
        [
            "crawl", web.Seed, "--out", _folder.File("crawl"), "--delay", "0", "--resolve", "*.test=127.1.0.0/16", "--private-host",
            $"*.test:{web.Port}",
        ]);
        using var files = new LoopbackFiles();
        var archive = Directory.GetFiles(_folder.File("crawl"), "*.warc.gz").Single();
        files.Files["crawl-data/X/one.warc.gz"] = File.ReadAllBytes(archive);
        using (var list = new MemoryStream())
        {
            using (var gzip = new GZipStream(list, CompressionLevel.Fastest))
            {
                gzip.Write("crawl-data/X/one.warc.gz\n"u8);
            }

            files.Files["crawl-data/X/warc.paths.gz"] = list.ToArray();
        }

        string[] command =
        [
            "fetch-crawl", "X", "--out", _folder.File("cc"), "--from", files.Address.ToString(), "--private-host",
            $"127.0.0.1:{files.Port}",
        ];
        var fetched = await terminal.RunAsync([.. command, "--verify"]);
        var missing = await terminal.RunAsync([.. command, "--files", "7"]);

        Assert.Equal((0, ""), (fetched.ExitCode, fetched.Error));
        Assert.Equal(File.ReadAllBytes(archive), File.ReadAllBytes(Path.Combine(_folder.File("cc"), "one.warc.gz")));
        Assert.Contains("has 1 files", missing.Error);
    }

    [Fact]
    public async Task Interrupted_crawl_ends_in_good_order_and_the_same_command_goes_on()
    {
        using var web = new SyntheticWeb(hosts: 10, isPlain: true, pages: 20) { HoldsAfter = 40 };
        string[] command =
        [
            "crawl", web.Seed, "--out", _folder.File("crawl"), "--scope", "web", "--delay", "0.05", "--address-delay", "0", "--resolve",
            "*.test=127.1.0.0/16", "--private-host", $"*.test:{web.Port}",
        ];
        using (var crawl = terminal.Start(command))
        {
            while (web.Log.Count < 40)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            // SIGTERM, which is handled alike: a SIGINT that the parent of the tests ignores is ignored by all its children.
            using var kill = Process.Start("sh", ["-c", $"kill -TERM {crawl.Id}"]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            web.GoOn();
            var said = await crawl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await crawl.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(130, crawl.ExitCode);
            Assert.Contains("addresses queued", said);
        }

        var before = File.ReadLines(Path.Combine(_folder.File("crawl"), "index.cdxj")).Count();
        var rest = await terminal.RunAsync(command);

        Assert.InRange(before, 1, 219);
        Assert.Equal(0, rest.ExitCode);
        Assert.Contains("In all 200 pages", rest.Output);
        Assert.Empty(web.FindFaults(0.05, 0));
    }

    [Fact]
    public async Task Killed_crawl_loses_nothing_and_repeats_at_most_what_was_under_way()
    {
        using var web = new SyntheticWeb(hosts: 24, isPlain: true, pages: 25);
        var rounds = new CrawlKillRounds([Path.Combine(AppContext.BaseDirectory, "noos.dll")], web, _folder.File("crawl"), seed: 1);
        await rounds.RunAsync(6, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(rounds.Faults);
        Assert.True(rounds.Kills >= 1);
        CheckArchives();
    }

    [Fact]
    public async Task Three_processes_crawl_as_one_and_lose_nothing_when_they_are_killed()
    {
        using var web = new SyntheticWeb(hosts: 40, isPlain: true, pages: 25);
        var rounds = new CrawlKillRounds([Path.Combine(AppContext.BaseDirectory, "noos.dll")], web, _folder.File("crawl"), seed: 2)
        {
            Processes = 3,
        };
        await rounds.RunAsync(6, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(rounds.Faults);
        Assert.True(rounds.Kills >= 1);
        CheckArchives();
    }

    void CheckArchives()
    {
        foreach (var path in Directory.GetFiles(_folder.File("crawl"), "*.warc.gz", SearchOption.AllDirectories))
        {
            using var reader = WarcReader.Open(path);
            Assert.All(reader.Read(), record => Assert.Equal(record.Headers["WARC-Block-Digest"], WarcDigest.Compute(record.Content.Span)));
            Assert.Empty(reader.Faults);
        }
    }
}
