using System.Globalization;
using System.IO.Compression;
using System.Text;
using Noos.Core;
using Noos.Core.Network;
using Noos.Corpus.Archive;
using Noos.Corpus.CommonCrawl;
using Noos.Testing;

namespace Noos.Corpus.Tests.CommonCrawl;

/// <summary>Against a copy of the layout on this machine: lists of paths, files, ZipNum index.</summary>
public sealed class CommonCrawlClientTests : IDisposable
{
    const string Crawl = "CC-MAIN-2026-30";
    const string FilePath = $"crawl-data/{Crawl}/segments/1.2/warc/CC-MAIN-20260701000000-20260701030000-00000.warc.gz";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    readonly TemporaryFolder _folder = new();
    readonly LoopbackFiles _files = new();
    readonly EgressGuard _egress;
    readonly CommonCrawlClient _client;

    public CommonCrawlClientTests()
    {
        _egress = new EgressGuard(new EgressOptions { AllowsLoopback = true, Unpacks = false, MaxResponseBytes = long.MaxValue });
        var options = new CommonCrawlOptions { Base = _files.Address, RetryDelay = TimeSpan.FromMilliseconds(1), MaxTries = 4 };
        _client = new CommonCrawlClient(_egress.CreateClient(), options, TimeProvider.System);
        AddCrawl();
    }

    public void Dispose()
    {
        _egress.Dispose();
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task List_of_paths_is_read()
    {
        Assert.Equal([FilePath, FilePath + "2"], await _client.ReadPathsAsync(Crawl, CommonCrawlKind.Warc, Token));
        var missing = await Assert.ThrowsAsync<NoosException>(() => _client.ReadPathsAsync("CC-MAIN-1999-01", CommonCrawlKind.Wet, Token));
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
    }

    [Fact]
    public async Task File_that_is_cut_again_and_again_comes_whole()
    {
        _files.Cuts = 3;
        _files.Refusals = 2;
        await _client.DownloadAsync(FilePath, _folder.File("a.warc.gz"), null, Token);

        Assert.Equal(_files.Files[FilePath], File.ReadAllBytes(_folder.File("a.warc.gz")));
        Assert.Empty(ArchiveCheck.FindFaults(_folder.File("a.warc.gz"), Token));
        Assert.False(File.Exists(_folder.File("a.warc.gz.part")));

        // What had come was not fetched again.
        Assert.Contains(_files.Requests, request => request.Range?.EndsWith('-') ?? false);
    }

    [Fact]
    public async Task Download_goes_on_with_what_is_there()
    {
        var content = _files.Files[FilePath];
        File.WriteAllBytes(_folder.File("a.part"), content[..1000]);
        File.WriteAllBytes(_folder.File("b.part"), content);
        await _client.DownloadAsync(FilePath, _folder.File("a"), null, Token);
        await _client.DownloadAsync(FilePath, _folder.File("b"), null, Token);

        Assert.Equal(content, File.ReadAllBytes(_folder.File("a")));
        Assert.Equal(content, File.ReadAllBytes(_folder.File("b")));
        Assert.Contains((FilePath, "1000-"), _files.Requests);
    }

    [Fact]
    public async Task Refusal_without_an_end_is_one_sentence()
    {
        _files.Refusals = 100;
        var error = await Assert.ThrowsAsync<NoosException>(
            () => _client.DownloadAsync(FilePath, _folder.File("a"), null, Token));

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(1500)]
    [InlineData(2999)]
    public async Task Capture_is_found_by_the_index_and_fetched_alone(int number)
    {
        var entry = Assert.Single(await _client.FindAsync(Crawl, AddressOf(number), Token));
        var record = await _client.ReadCaptureAsync(entry, Token);

        File.WriteAllBytes(_folder.File("one.warc.gz"), record);
        using var reader = WarcReader.Open(_folder.File("one.warc.gz"));
        Assert.Equal(AddressOf(number), Assert.Single(reader.Read()).TargetUri);
        Assert.True(_files.Requests.Count < 25);
    }

    [Theory]
    [InlineData("http://aaa.example/")]
    [InlineData("http://host1500.example/none")]
    [InlineData("http://zzz.example/")]
    public async Task What_was_not_captured_is_not_found(string address) => Assert.Empty(await _client.FindAsync(Crawl, address, Token));

    static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"http://host{number:0000}.example/page");

    void AddCrawl()
    {
        using var file = new MemoryStream();
        var lines = new List<string>();
        for (var i = 0; i < 3000; i++)
        {
            var request = HttpMessage.Parse("GET /page HTTP/1.1\r\n\r\n"u8.ToArray());
            var response = HttpMessage.Parse(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Page {i}.</p>"));
            var capture = new Capture(AddressOf(i), new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero), request, response);
            var record = WarcRecordBuilder.Response(WarcRecordBuilder.NewId(), capture, WarcDigest.Compute(response.Body.Span));
            lines.Add(new CdxjEntry(Noos.Corpus.Addresses.SurtKey.From(capture.Uri), "20260701000000", capture.Uri)
            {
                Mime = "text/html",
                Status = "200",
                Length = record.Length,
                Offset = file.Length,
                FileName = FilePath,
            }.ToString());
            file.Write(record);
        }

        _files.Files[FilePath] = file.ToArray();
        _files.Files[$"crawl-data/{Crawl}/warc.paths.gz"] = Pack($"{FilePath}\n{FilePath}2\n");
        var folder = $"cc-index/collections/{Crawl}/indexes";
        using var index = new MemoryStream();
        var cluster = new StringBuilder();
        foreach (var block in lines.Order(StringComparer.Ordinal).Chunk(7))
        {
            var packed = Pack(string.Join('\n', block) + "\n");
            var head = string.Join(' ', block[0].Split(' ')[..2]);
            cluster.Append(CultureInfo.InvariantCulture, $"{head}\tcdx-00000.gz\t{index.Length}\t{packed.Length}\t1\n");
            index.Write(packed);
        }

        _files.Files[$"{folder}/cdx-00000.gz"] = index.ToArray();
        _files.Files[$"{folder}/cluster.idx"] = Encoding.UTF8.GetBytes(cluster.ToString());
    }

    static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
