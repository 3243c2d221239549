using System.IO.Compression;
using System.Text;
using CsCheck;
using Noos.Core;
using Noos.Corpus.Archive;
using Noos.Corpus.Tests.Cleaning;
using Noos.Testing;
using ZstdSharp;

namespace Noos.Corpus.Tests.Archive;

public sealed class WarcTests : IDisposable
{
    static readonly DateTimeOffset s_time = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_again()
    {
        var path = Write(20);
        using var reader = WarcReader.Open(path);
        var records = reader.Read().ToList();

        Assert.Empty(reader.Faults);
        Assert.Equal(61, records.Count);
        Assert.Equal("WARC/1.1", records[0].Version);
        Assert.Equal(WarcTypes.WarcInfo, records[0].Type);
        var response = records[4];
        Assert.Equal("http://example.org/1", response.TargetUri);
        Assert.Equal(s_time, response.Date);
        Assert.Equal(200, response.Http!.Status);
        Assert.Equal("utf-8", response.Http.Charset);
        Assert.Equal(Body(1), response.Http.Body.ToArray());
        Assert.Equal(WarcDigest.Compute(Body(1)), response.Headers["WARC-Payload-Digest"]);
        Assert.Equal(WarcDigest.Compute(response.Content.Span), response.Headers["WARC-Block-Digest"]);

        // One after the other, to the end of the file.
        Assert.Equal(new FileInfo(path).Length, records.Sum(record => record.Length));
        foreach (var record in records)
        {
            Assert.Equal(record.Id, reader.ReadAt(record.Offset).Id);
        }
    }

    [Fact]
    public void Plain_file_is_read_as_a_packed_one()
    {
        var path = Write(5);
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using (var plain = File.Create(_folder.File("plain.warc")))
        {
            packed.CopyTo(plain);
        }

        using var reader = WarcReader.Open(_folder.File("plain.warc"));
        var records = reader.Read().ToList();

        Assert.Equal(16, records.Count);
        Assert.Equal(new FileInfo(_folder.File("plain.warc")).Length, records.Sum(record => record.Length));
        Assert.All(records, record => Assert.Equal(record.Id, reader.ReadAt(record.Offset).Id));
    }

    [Fact]
    public void File_that_was_packed_as_a_whole_has_all_its_records()
    {
        var path = Write(5);
        using (var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        using (var whole = new GZipStream(File.Create(_folder.File("whole.warc.gz")), CompressionLevel.Fastest))
        {
            packed.CopyTo(whole);
        }

        using var reader = WarcReader.Open(_folder.File("whole.warc.gz"));
        Assert.Equal(16, reader.Read().Count());
        Assert.Empty(reader.Faults);
    }

    [Fact]
    public void Damage_is_told_and_passed_over()
    {
        var path = Write(20);
        var bytes = File.ReadAllBytes(path);
        using (var reader = WarcReader.Open(path))
        {
            var damaged = reader.Read().ElementAt(10);
            Random.Shared.NextBytes(bytes.AsSpan((int)damaged.Offset + 20, 40));
        }

        File.WriteAllBytes(path, bytes);
        using var again = WarcReader.Open(path);
        var records = again.Read().ToList();

        Assert.InRange(records.Count, 60, 61);
        Assert.NotEmpty(again.Faults);
    }

    [Fact]
    public void Content_that_is_too_long_is_cut_and_says_so()
    {
        using var reader = WarcReader.Open(Write(3), new WarcReaderOptions { MaxContentBytes = 100 });
        var records = reader.Read().ToList();

        Assert.Equal(10, records.Count);
        Assert.True(records[1].IsCut);
        Assert.Equal(100, records[1].Content.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Archive_in_Zstandard_frames_is_read_whole_in_parts_and_by_offset(bool hasDictionary)
    {
        var path = _folder.File("frames.warc.zst");
        var dictionary = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("WARC/1.1\r\nWARC-Type: resource\r\n", 20)));
        using (var file = File.Create(path))
        using (var compressor = new Compressor(3))
        {
            // As the specification of WARC in Zstandard has it: the dictionary in a frame of its own, here packed, and one without content.
            if (hasDictionary)
            {
                var packed = compressor.Wrap(dictionary).ToArray();
                file.Write([0x5D, 0x2A, 0x4D, 0x18, .. BitConverter.GetBytes(packed.Length), .. packed]);
                compressor.LoadDictionary(dictionary);
            }

            for (var number = 0; number < 5; number++)
            {
                var body = $"content {number} " + SampleArchive.Prose(number, 40);
                file.Write(compressor.Wrap(Encoding.UTF8.GetBytes(
                    $"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: http://a.test/{number}\r\n"
                    + $"Content-Length: {body.Length}\r\n\r\n{body}\r\n\r\n")));
                file.Write([0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]);
            }
        }

        using var reader = WarcReader.Open(path);
        var records = reader.Read().ToList();
        var parts = Enumerable.Range(0, (int)new FileInfo(path).Length / 100 + 1)
            .SelectMany(part => reader.Read(part * 100L, (part + 1) * 100L)).Select(record => record.Offset);

        Assert.Equal(["0", "1", "2", "3", "4"], records.Select(record => record.TargetUri![^1..]));
        Assert.Equal(records.Select(record => record.Offset), parts);
        Assert.StartsWith("content 3 ", Encoding.UTF8.GetString(reader.ReadAt(records[3].Offset).Content.Span));
        Assert.Empty(reader.Faults);
    }

    [Fact]
    public void Frame_that_is_written_is_read_again_and_a_cut_one_is_a_fault()
    {
        var path = _folder.File("written.warc.zst");
        var capture = new Capture(
            "http://a.test/", DateTimeOffset.UnixEpoch, new HttpMessage("GET / HTTP/1.1", new HeaderList(), default),
            new HttpMessage("HTTP/1.1 200 OK", new HeaderList(), "hello"u8.ToArray()));
        var frame = WarcRecordBuilder.Response("<urn:x:1>", capture, WarcDigest.Compute("hello"u8), ArchiveCompression.Zstandard);
        File.WriteAllBytes(path, [.. frame, .. frame[..^4]]);
        using var reader = WarcReader.Open(path);
        var records = reader.Read().ToList();

        Assert.Equal("hello", Encoding.UTF8.GetString(records[0].Http!.Body.Span));
        Assert.Equal(frame.Length, records[0].Length);
        Assert.NotEmpty(reader.Faults);
    }

    [Theory]
    [InlineData(97)]
    [InlineData(700)]
    [InlineData(100_000)]
    public void Every_record_is_in_exactly_one_of_adjacent_parts(int step)
    {
        var path = _folder.File("parts.warc.gz");
        SampleArchive.Write(path, Enumerable.Range(0, 8).Select(number => new SampleCapture(
            $"http://a.test/{number}", SampleArchive.Page("Page", SampleArchive.Prose(number, 3)))));
        using var reader = WarcReader.Open(path);
        var whole = reader.Read().Select(record => record.Offset).ToList();
        var parts = new List<long>();
        for (long start = 0; start < new FileInfo(path).Length; start += step)
        {
            parts.AddRange(reader.Read(start, start + step).Select(record => record.Offset));
        }

        Assert.Equal(17, whole.Count);
        Assert.Equal(whole, parts);
        Assert.Equal(whole.Skip(4).Take(3), reader.Read(whole[4], whole[5], following: 2).Select(record => record.Offset));
        Assert.Empty(reader.Faults);
    }

    [Fact]
    public void File_of_another_kind_is_refused()
    {
        File.WriteAllText(_folder.File("x"), "hello");
        using var reader = WarcReader.Open(_folder.File("x"));

        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => reader.Read().ToList()).Kind);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => WarcReader.Open(_folder.File("none"))).Kind);
    }

    /// <summary>Bytes that were changed, cut out and put in: records or faults, and an end.</summary>
    [Fact]
    public void Broken_files_give_records_and_faults_and_nothing_else()
    {
        var packed = File.ReadAllBytes(Write(6));
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }

        var plain = unpacked.ToArray();
        Gen.Select(Gen.Bool, Gen.Int[0, 20_000], Gen.Byte.Array[0, 12], Gen.Int[0, 40]).Sample(
            change =>
            {
                var (isPlain, at, inserted, cut) = change;
                var file = isPlain ? plain : packed;
                at %= file.Length;
                var path = _folder.File($"{Guid.NewGuid():N}.warc");
                File.WriteAllBytes(path, [.. file[..at], .. inserted, .. file[Math.Min(file.Length, at + cut)..]]);
                try
                {
                    using var reader = WarcReader.Open(path);
                    foreach (var record in reader.Read())
                    {
                        _ = record.Http?.DecodeBody();
                        _ = CdxjEntry.From(record, "x")?.ToString();
                    }
                }
                catch (NoosException e) when (e.Kind == ErrorKind.Damaged)
                {
                    // Its first bytes.
                }

                File.Delete(path);
            },
            iter: 300, threads: 1);
    }

    [Fact]
    public void Index_finds_what_is_in_the_file()
    {
        var path = Write(12);
        var entries = CdxjIndexer.Index(path);

        Assert.Equal(12, entries.Count);
        Assert.Equal("org,example)/0 20261130120000", entries[0].ToString()[..29]);
        Assert.Equal(entries.Select(entry => entry.ToString()).Order(StringComparer.Ordinal), entries.Select(entry => entry.ToString()));
        using var reader = WarcReader.Open(path);
        foreach (var entry in entries)
        {
            Assert.Equal(entry, CdxjEntry.Parse(entry.ToString()));
            Assert.Equal(entry.Url, reader.ReadAt(entry.Offset).TargetUri);
        }

        // The second half are copies of the first.
        Assert.Equal(6, entries.Count(entry => entry.Mime == "warc/revisit"));
        Assert.Equal(6, entries.Select(entry => entry.Digest).Distinct().Count());
    }

    [Fact]
    public void Line_of_an_index_is_written_as_Python_writes_it() => Assert.Equal(
        "a)/ 20260101000000 {\"url\": \"http://a/\\\"\\u00e9\\\\\", "
        + "\"mime\": \"text/html\", \"length\": \"1\", \"offset\": \"2\", \"filename\": \"f\"}",
        new CdxjEntry("a)/", "20260101000000", "http://a/\"\u00e9\\") { Mime = "text/html", Length = 1, Offset = 2, FileName = "f" }
            .ToString());

    [Fact]
    public void Merged_index_is_sorted()
    {
        File.WriteAllText(_folder.File("1"), "a 1\nc 1\n");
        File.WriteAllText(_folder.File("2"), "B 1\nb 1\n");
        CdxjMerge.Write(_folder.File("all"), [_folder.File("1"), _folder.File("2")]);

        Assert.Equal("B 1\na 1\nb 1\nc 1\n", File.ReadAllText(_folder.File("all")));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    [InlineData("identity")]
    public void Packed_body_is_unpacked(string encoding)
    {
        var body = Body(3);
        var packed = body;
        foreach (var name in encoding.Split(", "))
        {
            using var stream = new MemoryStream();
            using (Stream packer = name switch
            {
                "gzip" => new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true),
                "deflate" => new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true),
                _ => new BufferedStream(stream),
            })
            {
                packer.Write(packed);
                packer.Flush();
                packed = name == "identity" ? stream.ToArray() : packed;
            }

            packed = name == "identity" ? packed : stream.ToArray();
        }

        Assert.Equal(body, ContentCoding.Decode(packed, encoding, 1 << 20));
        Assert.Equal(body[..10], ContentCoding.Decode(packed, encoding, 10));
        _ = ContentCoding.Decode(packed.AsMemory(0, packed.Length / 2), encoding, 1 << 20);
    }

    [Fact]
    public void Chunks_are_joined_and_what_has_none_is_left()
    {
        Assert.Equal("hello world", Text(ContentCoding.Dechunk("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"u8.ToArray())));
        Assert.Equal("no chunks", Text(ContentCoding.Dechunk("no chunks"u8.ToArray())));

        static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
    }

    /// <summary>The archive of a known program: every capture of its index at the same offset, with the same length, to the byte.</summary>
    [Fact]
    public void Index_of_a_known_archive_is_the_same_to_the_byte()
    {
        var archive = SharedFiles.Find("conformance", "web", "warc", "iana.warc.gz");
        var index = SharedFiles.Find("conformance", "web", "warc", "iana.cdxj");
        Assert.SkipWhen(archive is null || index is null, "The archive of pywb is not there.");

        var lines = CdxjIndexer.Index(archive!).Select(entry => entry.ToString() + "\n");
        Assert.Equal(File.ReadAllText(index!), string.Concat(lines));
    }

    /// <summary>What others wrote, good and bad: the records that warcio finds.</summary>
    [Fact]
    public void Samples_of_other_programs_are_read()
    {
        var first = SharedFiles.Find("conformance", "web", "warc", "example.warc.gz");
        Assert.SkipWhen(first is null, "The samples of warcio are not there.");

        foreach (var path in Directory.GetFiles(Path.GetDirectoryName(first)!, "*.warc*"))
        {
            using var reader = WarcReader.Open(path);
            Assert.NotEmpty(reader.Read().Take(3).ToList());
        }
    }

    static byte[] Body(int number) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"<p>Body of page {number} with some text.</p>", 20 + number)));

    static Capture CaptureOf(int number, int body)
    {
        var request = HttpMessage.Parse("GET /1 HTTP/1.1\r\nHost: example.org\r\n\r\n"u8.ToArray());
        var head = HttpMessage.Parse("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n"u8.ToArray());
        var response = head with { Body = Body(body) };
        return new Capture($"http://example.org/{number}", s_time, request, response) { Address = "192.0.2.1", Protocol = "h2" };
    }

    string Write(int count)
    {
        var path = _folder.File("test.warc.gz");
        using var file = File.Create(path);
        var fields = new HeaderList();
        fields.Add("software", "test");
        file.Write(WarcRecordBuilder.WarcInfo("test.warc.gz", s_time, fields));
        for (var i = 0; i < count; i++)
        {
            // Of twelve the second half are copies.
            var isCopy = count == 12 && i >= 6;
            var (capture, id) = (CaptureOf(i, isCopy ? i - 6 : i), WarcRecordBuilder.NewId());
            var digest = WarcDigest.Compute(capture.Response.Body.Span);
            file.Write(isCopy
                ? WarcRecordBuilder.Revisit(id, capture, digest, WarcTypes.SameDigest, ($"http://example.org/{i - 6}", s_time))
                : WarcRecordBuilder.Response(id, capture, digest));
            file.Write(WarcRecordBuilder.Request(id, capture));
            file.Write(WarcRecordBuilder.Metadata(id, capture, fields));
        }

        return path;
    }
}
