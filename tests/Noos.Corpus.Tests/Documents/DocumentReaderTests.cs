using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Corpus.Tests.Documents;

public sealed class DocumentReaderTests : IDisposable
{
    static readonly DocumentReaderRegistry s_readers = DocumentReaderRegistry.CreateDefault();

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("jsonl", """{"text": " one\r\n\r\n\r\ntwo  \u0007"}""", "one\n\ntwo")]
    [InlineData("titled", """{"title": "Oz", "text": "There."}""", "Oz\n\nThere.")]
    [InlineData("answers", """{"prompt": "Add 1 and 2.", "response": "3"}""", "Add 1 and 2.\n\n3")]
    [InlineData("books", """{"title": "Title: Oz", "author": "Author: Baum", "text": "-----\n\n## I\n\nThere."}""",
        "Oz\nby Baum\n\n## I\n\nThere.")]
    [InlineData("textbooks", """{"title": "Cells", "text": "Cells\nAre small.", "glossary": []}""", "Cells\nAre small.")]
    [InlineData("facts", """{"name": "Peru", "facts": {"Land": {"Area": {"total": "5", "text": "big"}, "GDP": {"GDP 2024": "7"}}}}""",
        "Peru: Land\n\nArea, total: 5\nArea: big\nGDP 2024: 7")]
    [InlineData("dictionary",
        "pos\twords\tdefinition\texamples\thypernyms\nverb\tzip, zoom\tmove fast\tthey zipped | he zooms\tmove\nnoun\tant\tan insect\t\t",
            "ant (noun): an insect.\nzip, zoom (verb): move fast. A kind of move. \"they zipped\" \"he zooms\"")]
    [InlineData("text", "one\ntwo", "one\ntwo")]
    public async Task Row_becomes_the_text_to_learn_from(string format, string row, string expected)
    {
        var path = _folder.File("rows");
        File.WriteAllText(path, row);
        Assert.Equal(expected, Assert.Single(await ReadAsync(format, path)).Text);
    }

    [Fact]
    public async Task Glossary_is_a_document_of_its_own()
    {
        var path = _folder.File("rows");
        File.WriteAllText(path,
            """{"title": "Cells", "text": "Cells","""
            + """ "glossary": [{"term": "cell", "meaning": "small"}, {"term": "wall", "meaning": "thick"}]}""");
        Assert.Equal(["Cells", "cell: small\nwall: thick"], (await ReadAsync("textbooks", path)).Select(document => document.Text));
    }

    [Theory]
    [InlineData("jsonl", "{\"text\": \"a\"}\n{\"txt\": \"a\"}", "Line 2")]
    [InlineData("jsonl", "{\"text\": \"a\"}\n\nnot json", "Line 3")]
    [InlineData("answers", "[]", "Line 1")]
    [InlineData("jsonl", "{\"text\": \"\\ud800\"}", "Line 1")]
    [InlineData("dictionary", "a\tb", "Line 1")]
    public async Task Bad_row_is_refused_with_its_line(string format, string rows, string expected)
    {
        var path = _folder.File("rows");
        File.WriteAllText(path, rows);
        var exception = await Assert.ThrowsAsync<NoosException>(() => ReadAsync(format, path));
        Assert.Equal(ErrorKind.Damaged, exception.Kind);
        Assert.StartsWith($"{expected} of '{path}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_compression_is_refused_with_the_path()
    {
        var path = _folder.File("rows.jsonl.zst");
        CompressedFile.Write(path, stream => stream.Write("{\"text\": \"a\"}\n"u8));
        Assert.Equal("a", Assert.Single(await ReadAsync("jsonl", path)).Text);
        var original = File.ReadAllBytes(path);
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = original.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, round % 2 == 0 ? bytes : bytes[..random.Next(bytes.Length)]);
            try
            {
                Assert.InRange((await ReadAsync("jsonl", path)).Count, 0, 1);
            }
            catch (NoosException exception)
            {
                Assert.Contains(path, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Unknown_format_lists_the_known_ones() =>
        Assert.Contains("text, jsonl, titled, answers, books, textbooks",
            Assert.Throws<NoosException>(() => s_readers.Get("novel")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Missing_file_names_the_path()
    {
        var exception = await Assert.ThrowsAsync<NoosException>(() => ReadAsync("jsonl", _folder.File("absent")));
        Assert.Equal(ErrorKind.NotFound, exception.Kind);
        Assert.Contains("absent", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_from_outside_is_named_like_ours_and_may_take_over_a_format()
    {
        var registry = DocumentReaderRegistry.CreateDefault().Add(new UpperCaseReader());
        Assert.IsType<UpperCaseReader>(registry.Get("shout"));
        Assert.IsType<UpperCaseReader>(registry.Get("text/plain"));
        var path = _folder.File("rows");
        await File.WriteAllTextAsync(path, "hello", TestContext.Current.CancellationToken);
        var documents = DocumentSource.FromFile(path, registry.Get("shout"), new DocumentOrigin("s", "a.txt"))
            .ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("HELLO", Assert.Single(await documents.ToListAsync(TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Reading_holds_one_document_at_a_time()
    {
        // Endless: whoever gathered before giving would never come back.
        await using var content = new EndlessRows();
        var documents = s_readers.Get("jsonl")
            .ReadAsync(content, new DocumentOrigin("s", "endless"), TestContext.Current.CancellationToken);
        Assert.Equal(1000, await documents.Take(1000).CountAsync(TestContext.Current.CancellationToken));
        Assert.InRange(content.BytesRead, 1, 1 << 20);
    }

    [Fact]
    public void Long_text_is_cut_at_paragraphs_and_loses_nothing()
    {
        var paragraphs = Enumerable.Range(0, 200).Select(index => $"Paragraph {index} {new string('x', index * 7 % 300)}.").ToList();
        var parts = ProseText.Split(string.Join("\n\n", paragraphs), 1000).ToList();
        Assert.Equal(paragraphs, parts.SelectMany(part => part.Split("\n\n")));
        Assert.All(parts.SkipLast(1), part => Assert.InRange(part.Length, 500, 1000));
    }

    [Fact]
    public void Text_without_borders_is_cut_between_characters()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("🚀", 3000));
        var parts = ProseText.Split(text, 1000).ToList();
        Assert.Equal(text, string.Concat(parts));
        Assert.DoesNotContain(parts, part => char.IsHighSurrogate(part[^1]));
    }

    [Fact]
    public async Task Lines_longer_than_the_buffer_are_whole()
    {
        var path = _folder.File("lines");
        string[] lines = [new('a', 200_000), "b", new('c', 70_000), "d"];
        File.WriteAllText(path, "\uFEFF" + string.Join("\r\n\r\n", lines));
        Assert.Equal(lines, LineReader.Read(path).Select(line => Encoding.UTF8.GetString(line.Bytes.Span)));
        await using var content = CompressedFile.OpenRead(path);
        Assert.Equal(lines, await LineReader.ReadAsync(content, path, TestContext.Current.CancellationToken)
            .Select(line => Encoding.UTF8.GetString(line.Bytes.Span)).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Sample_takes_about_as_much_as_asked_and_no_more_than_there_is()
    {
        var path = _folder.File("rows");
        File.WriteAllLines(path, Enumerable.Range(0, 1000).Select(index => $"{{\"text\": \"{index:0000000000}\"}}"));
        var source = DocumentSource.FromFile(path, s_readers.Get("jsonl"), new DocumentOrigin("s", path));
        Assert.InRange(await TokenizerSample.TakeAsync(source, 2500, TestContext.Current.CancellationToken)
            .CountAsync(TestContext.Current.CancellationToken), 249, 250);
        Assert.InRange(await TokenizerSample.TakeAsync(source, 1 << 20, TestContext.Current.CancellationToken)
            .CountAsync(TestContext.Current.CancellationToken), 999, 1000);
    }

    [Fact]
    public async Task Sample_of_conversations_is_the_text_between_the_tokens_of_the_layout()
    {
        var conversation = Conversation.From(
            Message.User("Größe?"), Message.Assistant(new ToolCallPart("ruler", JsonElement.Parse("{}"))),
            Message.Tool(new ToolResultPart("ruler", "5")), Message.Assistant("Five."));
        var endless = Enumerable.Repeat(conversation, int.MaxValue).ToAsyncEnumerable();
        var stretches = await TokenizerSample.RenderConversationsAsync(endless, 10_000, TestContext.Current.CancellationToken)
            .Select(stretch => Encoding.UTF8.GetString(stretch.Span)).ToListAsync(TestContext.Current.CancellationToken);
        Assert.InRange(stretches.Sum(Encoding.UTF8.GetByteCount), 10_000, 10_200);

        // Put together again with the special tokens, these are the tokens that the model is trained on.
        var tokens = new List<int>();
        new ChatFormat(SampleTokenizer.Instance).Render(conversation, tokens, []);
        var rendered = SampleTokenizer.Instance.DecodeText([.. tokens]);
        var expected = SpecialTokens.All.Aggregate(rendered, (text, special) => text.Replace(special, "\0"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, stretches.Take(expected.Length));
        Assert.Contains("user\nGröße?", expected);
        Assert.Contains("\n{\"name\": \"ruler\", \"arguments\": {}}\n", expected);
    }

    [Fact]
    public void Digest_ignores_line_lengths_and_nothing_else()
    {
        var digest = ContentDigest.Compute("the cat sat");
        Assert.Equal(digest, ContentDigest.Compute("  the\r\n\tcat  sat\n"));
        Assert.NotEqual(digest, ContentDigest.Compute("thecat sat"));
        Assert.NotEqual(digest, ContentDigest.Compute("the cat Sat"));
    }

    [Fact]
    public void Digest_is_that_of_the_text_with_single_spaces() =>
        Gen.Char["ab  \n\t\u00a0\u2003ö"].Array[0, 200].Sample(characters =>
        {
            var text = new string(characters);
            var single = Regex.Replace(text.Trim(), @"\s+", " ", RegexOptions.None, TimeSpan.FromSeconds(1));
            Assert.Equal(XxHash128.HashToUInt128(MemoryMarshal.AsBytes(single.AsSpan())), ContentDigest.Compute(text));
        });

    [Fact]
    public void Id_depends_on_source_and_address_alone()
    {
        var document = new Document(new DocumentOrigin("books", "text/books.jsonl.zst").At(7, 2), "text");
        Assert.Equal("text/books.jsonl.zst#L7.2", document.Address);
        Assert.Equal(document.Id, (document with { Text = "other", Title = "x" }).Id);
        Assert.NotEqual(document.Id, DocumentId.From("book", "stext/books.jsonl.zst#L7.2"));
        Assert.Equal(document.Id, DocumentId.Parse(document.Id.ToString()));
        Assert.Throws<NoosException>(() => DocumentId.Parse("7"));
    }

    static async Task<List<Document>> ReadAsync(string format, string path) =>
        await DocumentSource.FromFile(path, s_readers.Get(format), new DocumentOrigin("s", path))
            .ReadAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    sealed class UpperCaseReader : IDocumentReader
    {
        public string Name => "shout";

        public bool Reads(string format) => format is "shout" or "text/plain";

        public async IAsyncEnumerable<Document> ReadAsync(
            Stream content, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            using var reader = new StreamReader(content, leaveOpen: true);
            yield return new Document(origin, (await reader.ReadToEndAsync(cancellationToken)).ToUpperInvariant());
        }
    }

    sealed class EndlessRows : MemoryStream
    {
        static readonly byte[] s_row = Encoding.UTF8.GetBytes("{\"text\": \"a\"}\n");

        public long BytesRead { get; set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            s_row.CopyTo(buffer);
            BytesRead += s_row.Length;
            return ValueTask.FromResult(s_row.Length);
        }
    }
}
