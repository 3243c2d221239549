using System.Globalization;
using System.IO.Compression;
using System.Text;
using Noos.Core;
using Noos.Core.Network;
using Noos.Corpus.Addresses;
using Noos.Corpus.Archive;
using Noos.Corpus.CommonCrawl;
using Noos.Testing;
using Parquet;
using Parquet.Schema;

namespace Noos.Corpus.Tests.CommonCrawl;

/// <summary>Against a copy of the layout on this machine: two files of the index, each of two groups of rows, and captures.</summary>
public sealed class ColumnarIndexTests : IDisposable
{
    const string Crawl = "CC-MAIN-2026-30";
    const string Table = $"cc-index/table/cc-main/warc/crawl={Crawl}";
    const string FilePath = $"crawl-data/{Crawl}/segments/1.2/warc/CC-MAIN-20260701000000-20260701030000-00000.warc.gz";
    const int GroupRows = 250;

    static readonly string[] s_languages = ["eng", "deu,eng", "fra", ""];
    static readonly int[] s_statuses = [200, 200, 200, 404];

    readonly TemporaryFolder _folder = new();
    readonly LoopbackFiles _files = new();
    readonly EgressGuard _egress;
    readonly CommonCrawlClient _client;
    readonly ColumnarIndex _index;
    readonly List<Row> _rows = [];

    public ColumnarIndexTests()
    {
        _egress = new EgressGuard(new EgressOptions { AllowsLoopback = true, Unpacks = false, MaxResponseBytes = long.MaxValue });
        var options = new CommonCrawlOptions { Base = _files.Address, RetryDelay = TimeSpan.FromMilliseconds(1), MaxTries = 4 };
        _client = new CommonCrawlClient(_egress.CreateClient(), options, TimeProvider.System);
        _index = new ColumnarIndex(_client);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _egress.Dispose();
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Captures_are_selected_by_all_that_is_asked_and_fetched_by_ranges()
    {
        await AddCrawlAsync();
        var paths = await _index.ReadPathsAsync(Crawl, Token);
        var filter = new CaptureFilter { Languages = ["deu"], Statuses = [200], MediaTypes = ["text/html"] };
        var found = await FindAsync(paths, filter);

        Assert.Equal([$"{Table}/subset=warc/part-00000.gz.parquet", $"{Table}/subset=warc/part-00001.gz.parquet"], paths);
        Assert.Equal(
            _rows.Where(row => row.Language == "deu,eng" && row.Status == 200).Select(row => row.Url), found.Select(one => one.Url));
        foreach (var entry in found.Take(3))
        {
            File.WriteAllBytes(_folder.File("one.warc.gz"), await _client.ReadCaptureAsync(entry, Token));
            using var reader = WarcReader.Open(_folder.File("one.warc.gz"));
            var record = Assert.Single(reader.Read());
            Assert.Equal((entry.Url, "20260701000000"), (record.TargetUri, entry.Timestamp));
            Assert.Equal(CdxjEntry.From(record with { Offset = entry.Offset, Length = entry.Length }, entry.FileName), entry);
        }
    }

    [Theory]
    [InlineData("host0003.example", 2)]
    [InlineData("*.host0003.example", 3)]
    [InlineData("*.example", 1000)]
    [InlineData("0003.example", 0)]
    [InlineData("nowhere.test", 0)]
    public async Task Host_is_found_alone_or_with_all_below_it(string host, int count)
    {
        await AddCrawlAsync();
        var found = await FindAsync(await _index.ReadPathsAsync(Crawl, Token), new CaptureFilter { Host = host });

        Assert.Equal(count, found.Count);
    }

    [Fact]
    public async Task Groups_whose_keys_cannot_fit_and_columns_that_nobody_needs_are_not_fetched()
    {
        await AddCrawlAsync();
        var paths = await _index.ReadPathsAsync(Crawl, Token);
        _files.Requests.Clear();
        await FindAsync(paths, new CaptureFilter { Host = "host0003.example" });
        var table = _files.Requests.Where(request => request.Path.EndsWith(".parquet", StringComparison.Ordinal)).ToList();

        // A length, a tail, a footer and the first bytes each; then one range for each column of the one group that can have it.
        Assert.InRange(table.Count, 8, 8 + 10);
        Assert.True(Bytes(table) < 0.5 * paths.Sum(path => _files.Files[path].Length));

        static long Bytes(IEnumerable<(string Path, string? Range)> requests) => requests.Sum(request =>
        {
            var ends = request.Range!.Split('-').Select(end => long.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            return ends[1] - ends[0] + 1;
        });
    }

    [Fact]
    public async Task File_that_is_no_index_or_was_tampered_with_is_one_sentence()
    {
        await AddCrawlAsync();
        var path = (await _index.ReadPathsAsync(Crawl, Token))[0];
        var good = _files.Files[path];
        var random = new Random(5);
        var refused = 0;
        for (var round = 0; round < 60; round++)
        {
            var bad = (byte[])good.Clone();
            if (round % 3 == 0)
            {
                bad = bad[..random.Next(bad.Length)];
            }
            else
            {
                for (var change = 0; change < 1 + (round % 5); change++)
                {
                    // The footer above all.
                    bad[round % 2 == 0 ? bad.Length - 1 - random.Next(3000) : random.Next(bad.Length)] = (byte)random.Next(256);
                }
            }

            _files.Files[path] = bad;
            try
            {
                await FindAsync([path], new CaptureFilter { Languages = ["eng"] });
            }
            catch (NoosException e)
            {
                Assert.True(e.Kind is ErrorKind.Damaged, e.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 20, 60);
    }

    [Theory]
    [InlineData("exa mple", null, 0)]
    [InlineData(null, "de", 0)]
    [InlineData(null, null, 20)]
    public void Filter_that_means_nothing_is_refused(string? host, string? language, int status) => Assert.Equal(
        ErrorKind.Invalid, Assert.Throws<NoosException>(() => new CaptureFilter
        {
            Host = host,
            Languages = language is null ? [] : [language],
            Statuses = status == 0 ? [] : [status],
        }.Validate()).Kind);

    async Task<List<CdxjEntry>> FindAsync(IEnumerable<string> paths, CaptureFilter filter)
    {
        var found = new List<CdxjEntry>();
        foreach (var path in paths)
        {
            await foreach (var entry in _index.FindAsync(path, filter, Token))
            {
                found.Add(entry);
            }
        }

        return found;
    }

    async Task AddCrawlAsync()
    {
        using var file = new MemoryStream();
        for (var i = 0; i < 1000; i++)
        {
            // Every third host has a second page, and every tenth a host below it.
            var (number, kind) = (i / 3 * 3, i % 3);
            var host = string.Create(CultureInfo.InvariantCulture, $"host{number:0000}.example");
            var url = kind switch { 0 => $"http://{host}/", 1 => $"http://{host}/page", _ => $"http://sub.{host}/" };
            var response = HttpMessage.Parse(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"HTTP/1.1 {s_statuses[i % 4]} x\r\nContent-Type: text/html\r\n\r\n<p>Page {i}.</p>")));
            var capture = new Capture(
                url, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero), HttpMessage.Parse("GET / HTTP/1.1\r\n\r\n"u8.ToArray()),
                response);
            var record = WarcRecordBuilder.Response(WarcRecordBuilder.NewId(), capture, WarcDigest.Compute(response.Body.Span));
            _rows.Add(new Row(
                SurtKey.From(url), url, new Uri(url).Host, s_languages[i % 4], (short)s_statuses[i % 4],
                WarcDigest.Compute(response.Body.Span)["sha1:".Length..], (int)file.Length, record.Length));
            file.Write(record);
        }

        _rows.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
        _files.Files[FilePath] = file.ToArray();
        string[] paths =
        [
            $"{Table}/subset=robotstxt/part-00000.gz.parquet", $"{Table}/subset=warc/part-00000.gz.parquet",
            $"{Table}/subset=warc/part-00001.gz.parquet",
        ];
        _files.Files[$"crawl-data/{Crawl}/cc-index-table.paths.gz"] = Pack(string.Join('\n', paths) + "\n");
        _files.Files[paths[1]] = await WriteAsync(_rows[..500]);
        _files.Files[paths[2]] = await WriteAsync(_rows[500..]);
    }

    // The columns that are read, named and typed as those of cc-index-table, and one that is not.
    static async Task<byte[]> WriteAsync(IReadOnlyList<Row> rows)
    {
        var schema = new ParquetSchema(
            new DataField<string>("url_surtkey"), new DataField<string>("url"), new DataField<string>("url_host_name"),
            new DataField<DateTime?>("fetch_time"), new DataField<short?>("fetch_status"), new DataField<string>("content_digest"),
            new DataField<string>("content_mime_detected"), new DataField<string>("content_languages"), new DataField<string>("padding"),
            new DataField<string>("warc_filename"), new DataField<int?>("warc_record_offset"), new DataField<int?>("warc_record_length"));
        var fields = schema.GetDataFields().ToDictionary(field => field.Name, StringComparer.Ordinal);
        using var content = new MemoryStream();
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Gzip };
        await using (var writer = await ParquetWriter.CreateAsync(schema, content, options, cancellationToken: Token))
        {
            foreach (var group in rows.Chunk(GroupRows))
            {
                using var target = writer.CreateRowGroup();
                await TextAsync("url_surtkey", row => row.Key);
                await TextAsync("url", row => row.Url);
                await TextAsync("url_host_name", row => row.Host);
                await target.WriteAsync<DateTime>(
                    fields["fetch_time"], group.Select(_ => (DateTime?)new DateTime(2026, 7, 1, 0, 0, 0, DateTimeKind.Utc)).ToArray());
                await target.WriteAsync<short>(fields["fetch_status"], group.Select(row => (short?)row.Status).ToArray());
                await TextAsync("content_digest", row => row.Digest);
                await TextAsync("content_mime_detected", _ => "text/html");
                await TextAsync("content_languages", row => row.Language.Length > 0 ? row.Language : null);
                await TextAsync("padding", row => Convert.ToBase64String(
                    System.Security.Cryptography.SHA512.HashData(Encoding.UTF8.GetBytes(row.Url))));
                await TextAsync("warc_filename", _ => FilePath);
                await target.WriteAsync<int>(fields["warc_record_offset"], group.Select(row => (int?)row.Offset).ToArray());
                await target.WriteAsync<int>(fields["warc_record_length"], group.Select(row => (int?)row.Length).ToArray());

                async Task TextAsync(string name, Func<Row, string?> value) =>
                    await target.WriteAsync(fields[name], (IReadOnlyCollection<string>)group.Select(value).ToArray()!);
            }
        }

        return content.ToArray();
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

    sealed record Row(string Key, string Url, string Host, string Language, short Status, string Digest, int Offset, int Length);
}
