using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;
using Noos.Testing;

namespace Noos.Corpus.Tests.Documents;

public sealed class DocumentFormatTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("jsonl", """{"text": " one\r\n\r\n\r\ntwo  \u0007"}""", "one\n\ntwo")]
    [InlineData("titled", """{"title": "Oz", "text": "There."}""", "Oz\n\nThere.")]
    [InlineData("answers", """{"prompt": "Add 1 and 2.", "response": "3"}""", "Add 1 and 2.\n\n3")]
    [InlineData("books", """{"title": "Title: Oz", "author": "Author: Baum", "text": "-----\n\n## I\n\nThere."}""", "Oz\nby Baum\n\n## I\n\nThere.")]
    [InlineData("textbooks", """{"title": "Cells", "text": "Cells\nAre small.", "glossary": []}""", "Cells\nAre small.")]
    [InlineData("facts", """{"name": "Peru", "facts": {"Land": {"Area": {"total": "5", "text": "big"}, "GDP": {"GDP 2024": "7"}}}}""", "Peru: Land\n\nArea, total: 5\nArea: big\nGDP 2024: 7")]
    [InlineData("dictionary", "pos\twords\tdefinition\texamples\thypernyms\nverb\tzip, zoom\tmove fast\tthey zipped | he zooms\tmove\nnoun\tant\tan insect\t\t", "ant (noun): an insect.\nzip, zoom (verb): move fast. A kind of move. \"they zipped\" \"he zooms\"")]
    [InlineData("text", "one\ntwo", "one\ntwo")]
    public void Row_becomes_the_text_to_learn_from(string format, string row, string expected)
    {
        var path = _folder.File("rows");
        File.WriteAllText(path, row);
        Assert.Equal(expected, Assert.Single(new DocumentSource("s", path, DocumentFormat.Get(format)).Read()).Text);
    }

    [Fact]
    public void Glossary_is_a_document_of_its_own()
    {
        var path = _folder.File("rows");
        File.WriteAllText(path, """{"title": "Cells", "text": "Cells", "glossary": [{"term": "cell", "meaning": "small"}, {"term": "wall", "meaning": "thick"}]}""");
        Assert.Equal(["Cells", "cell: small\nwall: thick"], DocumentFormat.Get("textbooks").Read(path).Select(document => document.Text));
    }

    [Theory]
    [InlineData("jsonl", "{\"text\": \"a\"}\n{\"txt\": \"a\"}", "Line 2")]
    [InlineData("jsonl", "{\"text\": \"a\"}\n\nnot json", "Line 3")]
    [InlineData("answers", "[]", "Line 1")]
    [InlineData("jsonl", "{\"text\": \"\\ud800\"}", "Line 1")]
    [InlineData("dictionary", "a\tb", "Line 1")]
    public void Bad_row_is_refused_with_its_line(string format, string rows, string expected)
    {
        var path = _folder.File("rows");
        File.WriteAllText(path, rows);
        var exception = Assert.Throws<NoosException>(() => DocumentFormat.Get(format).Read(path).ToList());
        Assert.StartsWith($"{expected} of '{path}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_compression_is_refused_with_the_path()
    {
        var path = _folder.File("rows.jsonl.zst");
        CompressedFile.Write(path, stream => stream.Write("{\"text\": \"a\"}\n"u8));
        Assert.Equal("a", Assert.Single(DocumentFormat.Get("jsonl").Read(path)).Text);
        var original = File.ReadAllBytes(path);
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = original.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, round % 2 == 0 ? bytes : bytes[..random.Next(bytes.Length)]);
            try
            {
                Assert.InRange(DocumentFormat.Get("jsonl").Read(path).Count(), 0, 1);
            }
            catch (NoosException exception)
            {
                Assert.Contains(path, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Unknown_format_lists_the_known_ones() =>
        Assert.Contains("textbooks", Assert.Throws<NoosException>(() => DocumentFormat.Get("novel")).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_file_names_the_path() =>
        Assert.Contains("absent", Assert.Throws<NoosException>(() => DocumentFormat.Get("jsonl").Read(_folder.File("absent")).ToList()).Message, StringComparison.Ordinal);

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
    public void Lines_longer_than_the_buffer_are_whole()
    {
        var path = _folder.File("lines");
        string[] lines = [new('a', 200_000), "b", new('c', 70_000), "d"];
        File.WriteAllText(path, "\uFEFF" + string.Join("\r\n\r\n", lines));
        Assert.Equal(lines, Lines.Read(path).Select(line => System.Text.Encoding.UTF8.GetString(line.Bytes.Span)));
    }

    [Fact]
    public void Sample_takes_about_as_much_as_asked_and_no_more_than_there_is()
    {
        var path = _folder.File("rows");
        File.WriteAllLines(path, Enumerable.Range(0, 1000).Select(index => $"{{\"text\": \"{index:0000000000}\"}}"));
        var source = new DocumentSource("s", path, DocumentFormat.Get("jsonl"));
        Assert.InRange(TokenizerSample.Take(source, 2500).Count(), 249, 250);
        Assert.InRange(TokenizerSample.Take(source, 1 << 20).Count(), 999, 1000);
        Assert.InRange(TokenizerSample.ConversationFrames(10_000, 1).Sum(document => document.Length), 10_000, 11_000);
    }
}
