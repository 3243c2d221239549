using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Documents.Filters;
using Noos.Corpus.Reading;
using Noos.Corpus.Shards;
using Noos.Testing;

namespace Noos.Corpus.Tests.Shards;

/// <summary>From a token back to the file, the row and the title it comes from; and what was left out, and why.</summary>
public sealed class ProvenanceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("jsonl", "{\"text\": \"alpha\", \"name\": \"A\"}\n\n{\"text\": \"beta\"}", "alpha=rows#L1 (A)", "beta=rows#L3 ()")]
    [InlineData("titled", "{\"title\": \"Oz\", \"text\": \"alpha\"}\n{\"title\": \"Uz\", \"text\": \"beta\"}", "alpha=rows#L1 (Oz)",
        "beta=rows#L2 (Uz)")]
    [InlineData("answers", "{\"prompt\": \"p\", \"response\": \"alpha\", \"kind\": \"k\"}\n{\"prompt\": \"p\", \"response\": \"beta\"}",
        "alpha=rows#L1 (k)", "beta=rows#L2 ()")]
    [InlineData("answers", "{\"prompt\": \"p\", \"response\": \"LONG beta\"}", "beta=rows#L1.5 ()")]
    [InlineData("books", "{\"title\": \"Title: Oz\", \"text\": \"LONG beta\"}\n{\"title\": \"Uz\", \"text\": \"alpha\"}",
        "beta=rows#L1.5 (Oz)", "alpha=rows#L2.1 (Uz)")]
    [InlineData("textbooks", "{\"title\": \"Cells\", \"text\": \"alpha\", \"glossary\": [{\"term\": \"t\", \"meaning\": \"beta\"}]}",
        "alpha=rows#L1.1 (Cells)", "beta=rows#L1.2 (Cells)")]
    [InlineData("facts", "{\"name\": \"Peru\", \"facts\": {\"Land\": {\"Area\": \"alpha\"}, \"Money\": {\"GDP\": \"beta\"}}}",
        "alpha=rows#L1.1 (Peru)", "beta=rows#L1.2 (Peru)")]
    [InlineData("dictionary", "pos\twords\tdefinition\texamples\nnoun\tzebra\talpha\t\nnoun\tant\tbeta\t", "beta=rows#L3 (ant (noun))",
        "alpha=rows#L3 (ant (noun))")]
    [InlineData("text", "LONG\nalpha\n\nbeta", "alpha=rows#L2 ()", "beta=rows#L2 ()")]
    public async Task Token_leads_back_to_file_row_and_title(string format, string rows, params string[] expected)
    {
        var path = _folder.File("rows");
        // Book-length: cut into parts of about 6,000 characters.
        await File.WriteAllTextAsync(
            path, rows.Replace("LONG", string.Concat(Enumerable.Repeat("the cat sat on the mat and ", 1000))), Cancel);
        var origin = new DocumentOrigin("source", "rows")
        {
            Licence = "CC0",
            Language = "en",
            FetchedAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
        };
        var source = DocumentSource.FromFile(path, DocumentReaderRegistry.CreateDefault().Get(format), origin);
        await new ShardBuilder(SampleTokenizer.Instance, _folder.Path).BuildAsync(source, cancellationToken: Cancel);
        var read = await source.ReadAsync(Cancel).ToDictionaryAsync(document => document.Id, cancellationToken: Cancel);

        var found = new List<string>();
        foreach (var shardPath in (string[])[
            ShardBuilder.TrainPath(_folder.Path, "source"), ShardBuilder.HeldOutPath(_folder.Path, "source")])
        {
            using var shard = ShardFile.Open(shardPath);
            for (long position = 0; position < shard.TokenCount; position++)
            {
                var document = shard.DocumentAt(position);
                Assert.InRange(position, document.FirstToken, document.FirstToken + document.TokenCount - 1);
                if (position != document.FirstToken)
                {
                    position = document.FirstToken + document.TokenCount - 1;   // one look-up at the beginning, one inside
                    continue;
                }

                var record = document.Record!;
                var text = SampleTokenizer.Instance.DecodeText(
                    [.. shard.Tokens(document.FirstToken + 1, document.TokenCount - 1).ToArray().Select(token => (int)token)]);
                Assert.Equal(text, read[record.Id].Text);
                Assert.Equal(DocumentRecord.From(read[record.Id]), record);
                Assert.Equal(("source", "CC0", "en", origin.FetchedAt), (record.Source, record.Licence, record.Language, record.FetchedAt));
                found.AddRange(((string[])["alpha", "beta"])
                    .Where(text.Contains)
                    .Select(word => $"{word}={record.Address} ({record.Title})"));
            }
        }

        Assert.Equal(expected.Order(), found.Order());
    }

    [Fact]
    public async Task Look_up_finds_every_document_of_a_large_shard()
    {
        await BuildAsync(Enumerable.Range(0, 2000).Select(index => $"the cat {index}"));
        using var shard = ShardFile.Open(ShardBuilder.TrainPath(_folder.Path, "s"));
        for (long ordinal = 0; ordinal < shard.DocumentCount; ordinal++)
        {
            var document = shard.GetDocument(ordinal);
            Assert.Equal(document, shard.DocumentAt(document.FirstToken));
            Assert.Equal(document, shard.DocumentAt(document.FirstToken + document.TokenCount - 1));
            var text = SampleTokenizer.Instance.DecodeText(
                [.. shard.Tokens(document.FirstToken + 1, document.TokenCount - 1).ToArray().Select(token => (int)token)]);
            Assert.Equal($"s.jsonl#L{int.Parse(text["the cat ".Length..]) + 1}", document.Record!.Address);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => shard.DocumentAt(shard.TokenCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => shard.DocumentAt(-1));
    }

    [Fact]
    public async Task Records_are_lines_that_any_reader_of_zstandard_can_read()
    {
        await BuildAsync(Enumerable.Range(0, 700).Select(index => $"the cat {index}"));
        using var shard = ShardFile.Open(ShardBuilder.TrainPath(_folder.Path, "s"));
        var lines = LineReader.Read(_folder.File("s.train.documents.jsonl.zst"))
            .Select(line => Encoding.UTF8.GetString(line.Bytes.Span))
            .ToList();
        Assert.Equal(shard.DocumentCount, lines.Count);
        Assert.Contains($"\"address\":\"{shard.GetDocument(300).Record!.Address}\"", lines[300]);
    }

    [Fact]
    public async Task Shard_without_records_is_the_same_shard_with_documents_of_unknown_origin()
    {
        string[] texts = ["the cat", "the dog ran"];
        using (var writer = new ShardWriter(_folder.File("old.shard"), SampleTokenizer.Instance))
        using (var known = new ShardWriter(_folder.File("new.shard"), SampleTokenizer.Instance))
        {
            foreach (var text in texts)
            {
                writer.Add(Encoding.UTF8.GetBytes(text));
                known.Add(Encoding.UTF8.GetBytes(text), DocumentRecord.From(new Document(new DocumentOrigin("s", text), text)));
            }

            writer.Complete();
            known.Complete();
        }

        Assert.Equal(await File.ReadAllBytesAsync(_folder.File("old.shard"), Cancel),
            await File.ReadAllBytesAsync(_folder.File("new.shard"), Cancel));
        using var shard = ShardFile.Open(_folder.File("old.shard"));
        using var other = ShardFile.Open(_folder.File("new.shard"));
        Assert.Equal((1, null), (shard.DocumentAt(shard.TokenCount - 1).Ordinal, shard.DocumentAt(shard.TokenCount - 1).Record));
        Assert.Equal("the dog ran", other.DocumentAt(shard.TokenCount - 1).Record!.Address);
    }

    [Fact]
    public void Documents_of_unknown_origin_may_stand_among_known_ones()
    {
        using (var writer = new ShardWriter(_folder.File("a.shard"), SampleTokenizer.Instance))
        {
            writer.Add("the"u8);
            writer.Add("cat"u8, DocumentRecord.From(new Document(new DocumentOrigin("s", "a"), "cat")));
            writer.Add("sat"u8);
            writer.Complete();
        }

        using var shard = ShardFile.Open(_folder.File("a.shard"));
        Assert.Equal([null, "a", null], Enumerable.Range(0, 3).Select(ordinal => shard.GetDocument(ordinal).Record?.Address));
    }

    [Fact]
    public void Records_of_another_shard_are_refused_and_those_left_behind_are_removed()
    {
        Write("the cat");
        var records = _folder.File("a.documents.jsonl.zst");
        var old = File.ReadAllBytes(records);
        Write("the dog");
        File.WriteAllBytes(records, old);
        using (var shard = ShardFile.Open(_folder.File("a.shard")))
        {
            var refusal = Assert.Throws<NoosException>(() => shard.DocumentAt(0));
            Assert.Equal(ErrorKind.Damaged, refusal.Kind);
            Assert.Contains("another build", refusal.Message, StringComparison.Ordinal);
        }

        using (var writer = new ShardWriter(_folder.File("a.shard"), SampleTokenizer.Instance))
        {
            writer.Add("the mat"u8);
            writer.Complete();
        }

        Assert.False(File.Exists(records));
    }

    [Fact]
    public void Every_changed_byte_of_the_records_is_noticed()
    {
        // Bit 4 of the frame header descriptor, which decoders ignore (RFC 8878, 3.1.1.1.1.3).
        const int UnusedBitOfZstandard = 4;
        Write("the cat");
        var path = _folder.File("a.documents.jsonl.zst");
        var original = File.ReadAllBytes(path);
        for (var index = 0; index < original.Length; index++)
        {
            var bytes = original.ToArray();
            bytes[index] ^= 0x10;
            File.WriteAllBytes(path, bytes);
            using var shard = ShardFile.Open(_folder.File("a.shard"));
            if (index == UnusedBitOfZstandard)
            {
                Assert.Equal("a", shard.DocumentAt(0).Record!.Address);
                continue;
            }

            Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => shard.DocumentAt(0)).Kind);
        }

        for (var length = 0; length < original.Length; length++)
        {
            File.WriteAllBytes(path, original[..length]);
            using var shard = ShardFile.Open(_folder.File("a.shard"));
            Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => shard.DocumentAt(0)).Kind);
        }
    }

    [Fact]
    public async Task Filters_drop_and_replace_and_are_counted_by_name_and_reason()
    {
        IDocumentFilter[] filters =
        [
            new Filter("length", document =>
                document.Text.Length < 8 ? Verdict.Drop("too short") : document.Text.Length > 12 ? Verdict.Drop("too long") : Verdict.Keep),
            new Filter("names", document =>
                document.Text.Contains("dog")
                    ? Verdict.Replace(document with { Text = document.Text.Replace("dog", "cat") })
                    : Verdict.Keep),
            new Filter("cats", document => document.Text.Contains("cat") ? Verdict.Keep : Verdict.Drop("no cat")),
        ];
        var result = await BuildAsync(
            ["the", "the dog 1", "the cat 2", "the cat 3", "the mat 4", "the mat 5", "the cat and the mat", "sat"], filters);
        Assert.Equal([new("length", "too short", 2), new("length", "too long", 1), new("names", null, 1), new("cats", "no cat", 2)],
            result.Filtered);
        Assert.Equal(3, result.Train.Documents + result.HeldOut.Documents);
        using var shard = ShardFile.Open(ShardBuilder.TrainPath(_folder.Path, "s"));
        Assert.Equal("s.jsonl#L2", shard.GetDocument(0).Record!.Address);
    }

    [Fact]
    public async Task Source_may_be_fed_while_the_shard_is_built()
    {
        // As a crawler does: documents come one by one, and no more than the channel holds are waiting.
        var fed = 0;
        async IAsyncEnumerable<Document> Crawl([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var channel = Channel.CreateBounded<Document>(4);
            var feeding = Task.Run(async () =>
            {
                for (var page = 0; page < 300; page++)
                {
                    await channel.Writer.WriteAsync(
                        new Document(new DocumentOrigin("web", $"https://example.org/{page}"), $"the cat {page}"), cancellationToken);
                    fed++;
                }

                channel.Writer.Complete();
            }, cancellationToken);
            await foreach (var document in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return document;
            }

            await feeding;
        }

        var result = await new ShardBuilder(SampleTokenizer.Instance, _folder.Path)
            .BuildAsync(new DocumentSource("web", Crawl), cancellationToken: Cancel);
        Assert.Equal(600, fed);
        Assert.Equal(300, result.Train.Documents + result.HeldOut.Documents);
        using var shard = ShardFile.Open(ShardBuilder.TrainPath(_folder.Path, "web"));
        Assert.StartsWith("https://example.org/", shard.DocumentAt(shard.TokenCount / 2).Record!.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_building_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        async IAsyncEnumerable<Document> Endless([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var index = 0; ; index++)
            {
                await Task.Yield();
                if (index == 100)
                {
                    await stop.CancelAsync();
                }

                yield return new Document(new DocumentOrigin("s", $"{index}"), $"the cat {index}");
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ShardBuilder(SampleTokenizer.Instance, _folder.Path)
                .BuildAsync(new DocumentSource("s", Endless), cancellationToken: stop.Token));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    async Task<ShardBuilderResult> BuildAsync(IEnumerable<string> texts, IReadOnlyList<IDocumentFilter>? filters = null)
    {
        await File.WriteAllLinesAsync(_folder.File("s.jsonl"), texts.Select(text => $"{{\"text\": \"{text}\"}}"), Cancel);
        var source = DocumentSource.FromFile(_folder.File("s.jsonl"), DocumentReaderRegistry.CreateDefault()
            .Get("jsonl"), new DocumentOrigin("s", "s.jsonl"));
        return await new ShardBuilder(SampleTokenizer.Instance, _folder.Path, filters).BuildAsync(source, cancellationToken: Cancel);
    }

    void Write(string text)
    {
        using var writer = new ShardWriter(_folder.File("a.shard"), SampleTokenizer.Instance);
        writer.Add(Encoding.UTF8.GetBytes(text), DocumentRecord.From(new Document(new DocumentOrigin("s", "a"), text)));
        writer.Complete();
    }

    sealed class Filter(string name, Func<Document, Verdict> judge) : IDocumentFilter
    {
        public string Name => name;

        public Verdict Judge(Document document) => judge(document);
    }
}
