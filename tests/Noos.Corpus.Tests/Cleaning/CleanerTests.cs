using System.IO.Hashing;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning;
using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Cleaning.Reports;
using Noos.Corpus.Index;
using Noos.Corpus.Shards;
using Noos.Testing;

namespace Noos.Corpus.Tests.Cleaning;

/// <summary>From archives to a corpus: what is kept, why the rest is not, and that it is the same however it was worked on.</summary>
public sealed class CleanerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    string Archive => _folder.File("crawl/pages.warc.gz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_answer_is_kept_or_has_a_reason()
    {
        WriteWeb();
        var tally = await CleanAsync("corpus");

        Assert.Equal(tally.Records, tally.Pages.Pages + tally.Skipped.Values.Sum());
        Assert.Equal(1, tally.Skipped["status 404"]);
        Assert.Equal(1, tally.Skipped["type image/png"]);
        Assert.Equal(1, tally.Skipped["empty"]);
        Assert.All(tally.Policies, policy =>
        {
            Assert.Equal(tally.Pages.Pages, policy.Kept.Pages + policy.Reasons.Sum(reason => reason.First.Pages));
            Assert.Equal(tally.Pages.Tokens, policy.Kept.Tokens + policy.Reasons.Sum(reason => reason.First.Tokens), 3);
        });
        Assert.Equal(tally.Pages.Pages, tally.Hosts.Values.Sum(host => host.Pages.Pages));
        Assert.Equal(tally.Pages.Pages, tally.Languages.Values.Sum(language => language.Pages.Pages));
        Assert.Equal(tally.Pages.Pages, tally.ClusterSizes.Sum(size => size.Key * size.Value));
    }

    [Theory]
    [InlineData("http://a.test/short", "gopher-short")]
    [InlineData("http://a.test/noai", "opted-out")]
    [InlineData("http://a.test/header", "opted-out")]
    [InlineData("http://a.test/meta", "opted-out")]
    [InlineData("http://b.test/copy", CleanPolicy.Duplicate)]
    [InlineData("http://b.test/near", CleanPolicy.NearDuplicate)]
    [InlineData("http://a.test/exam", "exam")]
    [InlineData("http://bad.test/page", "listed-address")]
    public async Task Page_is_dropped_for_training_with_its_reason(string address, string reason)
    {
        WriteWeb();
        await CleanAsync("corpus");
        var corpus = CleanCorpus.Open(_folder.File("corpus"));

        Assert.Contains(reason, corpus.ReadPages(CleanPolicy.TrainName, Cancel).Single(page => page.Page.Address == address).Reasons);
    }

    [Fact]
    public async Task Search_keeps_what_is_a_good_answer_and_bad_text()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var kept = CleanCorpus.Open(_folder.File("corpus")).ReadPages(CleanPolicy.SearchName, Cancel)
            .Where(page => page.Reasons.Count == 0).Select(page => page.Page.Address).ToHashSet(StringComparer.Ordinal);

        Assert.Contains("http://a.test/short", kept);
        Assert.Contains("http://b.test/near", kept);
        Assert.Contains("http://a.test/noai", kept);
        Assert.DoesNotContain("http://b.test/copy", kept);
        Assert.DoesNotContain("http://a.test/meta", kept);
    }

    [Fact]
    public async Task Later_capture_of_an_address_counts_and_cluster_sizes_are_kept()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var pages = CleanCorpus.Open(_folder.File("corpus")).ReadPages(CleanPolicy.TrainName, Cancel).ToList();
        var captures = pages.Where(page => page.Page.Address == "http://a.test/changed").ToList();

        Assert.Equal([CleanPolicy.Superseded], captures[0].Reasons);
        Assert.Empty(captures[1].Reasons);
        Assert.Equal(3, pages.Single(page => page.Page.Address == "http://a.test/1").Copies);
        Assert.Equal(3, pages.Single(page => page.Page.Address == "http://b.test/near").Copies);
    }

    [Fact]
    public async Task Output_is_the_same_for_any_workers_and_ranges_of_work()
    {
        WriteWeb();
        await CleanAsync("one", threads: 1, rangeBytes: 2500);
        await CleanAsync("four", threads: 4, rangeBytes: 2500);
        // Leases that go stale while their owners live: they only save work.
        await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => CleanAsync(
            "many", threads: 1, rangeBytes: 2500, worker: $"w{worker}", leaseTime: TimeSpan.FromMilliseconds(1))));

        Assert.True(Directory.GetFiles(_folder.File("one/pages")).Length > 5);
        Assert.Equal(Digests("one"), Digests("four"));
        Assert.Equal(Digests("one"), Digests("many"));
        Assert.Empty(Directory.GetFiles(_folder.File("four/leases")));

        // Cut otherwise, the ranges are others and the corpus is the same.
        var other = await CleanAsync("whole");
        var cut = CorpusTally.Read(_folder.File("one/corpus.json"));
        Assert.Equal(cut.Policies[0].Kept, other.Policies[0].Kept);
        Assert.Equal(Verdicts("one"), Verdicts("whole"));
    }

    [Fact]
    public async Task What_a_dead_worker_has_begun_is_taken_over_and_what_is_done_is_not_done_again()
    {
        WriteWeb();
        await CleanAsync("corpus", rangeBytes: 2500);
        var before = Digests("corpus");
        File.Delete(_folder.File("corpus/manifests/extract/00001.json"));
        File.WriteAllText(_folder.File("corpus/leases/extract-00001.lease"), "dead.0 17\n");
        File.WriteAllText(_folder.File("corpus/pages/.00001.jsonl.zst.0123.tmp"), "half");
        var untouched = File.GetLastWriteTimeUtc(_folder.File("corpus/pages/00002.jsonl.zst"));
        await CleanAsync("corpus", rangeBytes: 2500, leaseTime: TimeSpan.FromMilliseconds(200));

        Assert.Equal(before, Digests("corpus"));
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(_folder.File("corpus/pages/00002.jsonl.zst")));
        Assert.False(File.Exists(_folder.File("corpus/pages/.00001.jsonl.zst.0123.tmp")));
    }

    [Fact]
    public async Task New_bounds_judge_anew_without_extracting_anew()
    {
        WriteWeb();
        var strict = await CleanAsync("corpus");
        var pages = File.GetLastWriteTimeUtc(_folder.File("corpus/pages/00000.jsonl.zst"));
        var train = WithoutQuality(CleanPolicy.Train);
        var loose = train with
        {
            Rules = [.. train.Rules.Select(rule => rule.Name == "gopher-short" ? rule with { Enabled = false } : rule)],
        };
        var tally = await CleanAsync("corpus", options => options with { Policies = [loose, CleanPolicy.Search] });

        Assert.Equal(pages, File.GetLastWriteTimeUtc(_folder.File("corpus/pages/00000.jsonl.zst")));
        Assert.True(tally.Policies[0].Reasons.Single(reason => reason.Name == "gopher-short").First.Pages == 0);
        Assert.True(strict.Policies[0].Reasons.Single(reason => reason.Name == "gopher-short").First.Pages > 0);
    }

    [Fact]
    public async Task New_archives_are_added_behind_those_that_are_there()
    {
        WriteWeb();
        var first = await CleanAsync("corpus");
        SampleArchive.Write(_folder.File("crawl/more.warc.gz"), Good("http://c.test/new", 900));
        var second = await CleanAsync("corpus");

        Assert.Equal(first.Pages.Pages + 1, second.Pages.Pages);
        Assert.Equal(first.Policies[0].Kept.Pages + 1, second.Policies[0].Kept.Pages);
    }

    [Fact]
    public async Task Token_leads_to_the_page_as_it_was_fetched_and_a_citation_to_the_same()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var corpus = CleanCorpus.Open(_folder.File("corpus"));
        await new ShardBuilder(SampleTokenizer.Instance, _folder.Path).BuildAsync(
            CleanCorpus.OpenForTraining(_folder.File("corpus"), "web"), cancellationToken: Cancel);
        using var index = SearchIndex.Open(_folder.File("index.db"));
        await index.ReplaceAsync(
            _folder.File("corpus"), corpus.ReadAsync(CleanPolicy.SearchName, masksPersonalData: false, Cancel), Origin.Web, Cancel);
        using var shard = ShardFile.Open(ShardBuilder.TrainPath(_folder.Path, "web"));
        var seen = 0;
        for (var number = 0L; number < shard.DocumentCount; number++)
        {
            var document = shard.DocumentAt(shard.DocumentStart(number) + 1);
            var record = document.Record!;
            var page = Encoding.UTF8.GetString(corpus.OpenCapture(record.Capture!).Http!.DecodeBody());
            var text = SampleTokenizer.Instance.DecodeText(
                [.. shard.Tokens(document.FirstToken + 1, document.TokenCount - 1).ToArray().Select(token => (int)token)]);
            Assert.Contains(text.Split('\n')[^1][..20], page);
            Assert.Equal((_folder.File("corpus"), record.Capture!), index.FindCapture(record.Address));
            seen++;
        }

        Assert.True(seen > 5);
    }

    [Fact]
    public async Task Opt_out_counts_at_once_for_index_and_shards_and_captures()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var path = _folder.File("corpus");
        using var index = SearchIndex.Open(_folder.File("index.db"));
        await index.ReplaceAsync(
            path, CleanCorpus.Open(path).ReadAsync(CleanPolicy.SearchName, masksPersonalData: false, Cancel), Origin.Web, Cancel);
        var capture = index.FindCapture("http://a.test/2")!.Value.Capture;
        OptOutList.Add(CorpusFolder.Open(path), ["a.test"]);
        var removed = index.RemoveWhere(OptOutList.Read(CorpusFolder.Open(path)).Contains);

        Assert.True(removed > 5);
        Assert.Null(index.FindCapture("http://a.test/2"));
        Assert.DoesNotContain(
            await TrainingAddressesAsync(path), address => address.StartsWith("http://a.test/", StringComparison.Ordinal));
        Assert.Equal(ErrorKind.Refused, Assert.Throws<NoosException>(() => CleanCorpus.Open(path).OpenCapture(capture)).Kind);

        // Cleaned again, the numbers say so, and a copy elsewhere takes the place of what is gone.
        var tally = await CleanAsync("corpus");
        Assert.True(tally.Policies[0].Reasons.Single(reason => reason.Name == CleanPolicy.Withdrawn).First.Pages > 5);
        Assert.Contains("http://b.test/copy", await TrainingAddressesAsync(path));
    }

    [Fact]
    public async Task Personal_data_is_replaced_for_training_only()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var corpus = CleanCorpus.Open(_folder.File("corpus"));
        var training = await corpus.ReadAsync(CleanPolicy.TrainName, masksPersonalData: true, Cancel)
            .FirstAsync(document => document.Address == "http://a.test/mail", Cancel);
        var search = await corpus.ReadAsync(CleanPolicy.SearchName, masksPersonalData: false, Cancel)
            .FirstAsync(document => document.Address == "http://a.test/mail", Cancel);

        Assert.Contains("name@example.com", training.Text);
        Assert.Contains("jane@somewhere.org", search.Text);
        Assert.Equal(search.Id, training.Id);
    }

    [Fact]
    public async Task Report_holds_the_numbers_and_no_markup_of_pages()
    {
        WriteWeb();
        await CleanAsync("corpus");
        var html = Encoding.UTF8.GetString(CorpusReport.Render(CorpusFolder.Open(_folder.File("corpus"))));

        Assert.Contains("gopher-short", html);
        Assert.DoesNotContain("\"DATA\"", html);
        Assert.DoesNotContain("<img src=x onerror", html);
        Assert.Contains("onerror", html);
    }

    [Fact]
    public void What_is_no_corpus_is_refused_in_a_sentence()
    {
        Assert.Throws<NoosException>(() => CleanCorpus.Open(_folder.Path));
        Assert.Throws<NoosException>(() => Cleaner.Open(_folder.File("new"), new CleanOptions(), new WorkOptions(), TimeProvider.System));
        Assert.Throws<NoosException>(() => Cleaner.Open(
            _folder.File("new"), new CleanOptions { Inputs = [_folder.File("missing")] }, new WorkOptions(), TimeProvider.System));
    }

    static SampleCapture Good(string address, int seed) =>
        new(address, SampleArchive.Page($"Page {seed}", SampleArchive.Prose(seed)));

    void WriteWeb()
    {
        Directory.CreateDirectory(_folder.File("crawl"));
        var near = SampleArchive.Prose(1).Replace("winter", "summer", StringComparison.Ordinal);
        var texts = SampleArchive.Prose(700).Split('\n');
        SampleArchive.Write(
            Archive,
            [
                .. Enumerable.Range(1, 12).Select(number => Good($"http://a.test/{number}", number)),
                new("http://a.test/short", SampleArchive.Page("Prices", "Tea costs 3 euros and cake costs 4 euros.\nCoffee is free.")),
                Good("http://a.test/noai", 50) with { OptOuts = "ai-train=no" },
                Good("http://a.test/header", 51) with { Headers = "X-Robots-Tag: noai" },
                new("http://a.test/meta", SampleArchive.Page("M", SampleArchive.Prose(52), "<meta name=robots content=noindex>")),
                Good("http://b.test/copy", 1),
                new("http://b.test/near", SampleArchive.Page("Page 1", near)),
                new("http://a.test/exam", SampleArchive.Page(
                    "Quiz", string.Join('\n', texts) + "\nHow many red boats lie in the old harbour of the northern town today?")),
                Good("http://bad.test/page", 60),
                Good("http://a.test/changed", 61) with { Time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) },
                Good("http://a.test/changed", 62),
                new("http://a.test/mail", SampleArchive.Page("Mail", SampleArchive.Prose(63) + " Write to jane@somewhere.org for more.")),
                new("http://a.test/evil", SampleArchive.Page("Evil", "&lt;img src=x onerror=alert(1)&gt; " + SampleArchive.Prose(64))),
                new("http://a.test/gone", "gone", Status: 404),
                new("http://a.test/picture", "\u0089PNG\r\n\u001a\n0000000", Type: "image/png"),
                new("http://a.test/nothing", ""),
                new("http://a.test/text.txt", SampleArchive.Prose(65), Type: "text/plain"),
            ]);
    }

    async Task<CorpusTally> CleanAsync(
        string corpus, Func<CleanOptions, CleanOptions>? change = null, int threads = 2, long rangeBytes = 1 << 20,
        string worker = "w", TimeSpan? leaseTime = null)
    {
        var options = new CleanOptions
        {
            Inputs = [_folder.File("crawl")],
            RangeBytes = rangeBytes,
            Addresses = ["bad.test"],
            Exams = ["How many red boats lie in the old harbour of the northern town?"],
            Policies = [WithoutQuality(CleanPolicy.Train), WithoutQuality(CleanPolicy.Search)],
        };
        var cleaner = Cleaner.Open(
            _folder.File(corpus), change?.Invoke(options) ?? options,
            new WorkOptions
            {
                Worker = worker,
                Threads = threads,
                LeaseTime = leaseTime ?? TimeSpan.FromSeconds(20),
                Poll = TimeSpan.FromMilliseconds(20),
            },
            TimeProvider.System);
        return await cleaner.RunAsync(cancellationToken: Cancel);
    }

    /// <summary>The sentences of these pages have no sense.</summary>
    static CleanPolicy WithoutQuality(CleanPolicy policy) =>
        policy with { Rules = [.. policy.Rules.Where(rule => rule.Name != "quality")] };

    static async Task<List<string>> TrainingAddressesAsync(string path) => await CleanCorpus.OpenForTraining(path, "web")
        .ReadAsync(Cancel).Select(document => document.Address).ToListAsync(Cancel);

    List<string> Verdicts(string corpus) =>
    [
        .. CleanCorpus.Open(_folder.File(corpus)).ReadPages(CleanPolicy.TrainName, Cancel)
            .Select(page => $"{page.Page.Address} {page.Copies} {string.Join(',', page.Reasons)}"),
    ];

    SortedDictionary<string, string> Digests(string corpus) => new(
        Directory.EnumerateFiles(_folder.File(corpus), "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("manifests", StringComparison.Ordinal) && !path.Contains("leases", StringComparison.Ordinal))
            .ToDictionary(
                path => Path.GetRelativePath(_folder.File(corpus), path),
                path => Convert.ToHexStringLower(XxHash128.Hash(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);
}
