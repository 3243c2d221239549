using System.Buffers.Binary;
using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Testing;

namespace Noos.Corpus.Tests.Documents;

public sealed class FileReaderTests
{
    static readonly DocumentReaderRegistry s_readers = DocumentReaderRegistry.CreateForFiles();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a.csv", "csv")]
    [InlineData("a.tsv", "tsv")]
    [InlineData("a.md", "markdown")]
    [InlineData("a.py", "lines")]
    [InlineData("a.jsonl", "records")]
    [InlineData("a.json", "json")]
    [InlineData("a", "lines")]
    public void Name_decides_among_texts(string name, string format) =>
        Assert.Equal(format, FileFormats.Find("one, two"u8, name, isWhole: true).Name);

    [Fact]
    public void Content_decides_whatever_the_name_says()
    {
        Assert.Equal("pdf", Find(SampleFiles.Pdf(true, "a")));
        Assert.Equal("xlsx", Find(SampleFiles.Spreadsheet()));
        Assert.Equal("docx", Find(SampleFiles.Word()));
        Assert.Equal("pptx", Find(SampleFiles.Presentation()));
        Assert.Equal("epub", Find(SampleFiles.Epub()));
        Assert.Equal("html", Find(Encoding.UTF8.GetBytes(SampleFiles.Html)));
        Assert.Equal("zip", Find(SampleFiles.Zip(("a.txt", [1, 2]))));
        Assert.Equal("image/png", FileFormats.Find([0x89, .. "PNG\r\n\u001a\n"u8], "a.txt", isWhole: true).MediaType);

        static string Find(byte[] content) => FileFormats.Find(new MemoryStream(content), "notes.txt").Name;
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("iso-8859-1")]
    public async Task Text_is_read_in_its_encoding(string encoding)
    {
        var content = Encoding.GetEncoding(encoding).GetBytes("Gr\u00FC\u00DFe aus K\u00F6ln");
        Assert.Equal("Gr\u00FC\u00DFe aus K\u00F6ln", Assert.Single(await ReadAsync(content, "a.txt")).Text);
    }

    [Fact]
    public async Task Lines_are_cut_into_blocks_that_say_where_they_stand()
    {
        var text = string.Join('\n', Enumerable.Range(1, 2000).Select(number => $"line number {number}"));
        var blocks = await ReadAsync(Encoding.UTF8.GetBytes(text), "a.txt");

        Assert.Equal(text, string.Join('\n', blocks.Select(block => block.Text)));
        Assert.All(blocks, block => Assert.StartsWith($"line number {block.Place!.First}\n", block.Text, StringComparison.Ordinal));
        Assert.All(blocks, block => Assert.EndsWith($"line number {block.Place!.Last}", block.Text, StringComparison.Ordinal));
        Assert.Equal("lines 1-194", blocks[0].Place!.ToString());
    }

    [Fact]
    public async Task Line_without_an_end_is_cut()
    {
        var blocks = await ReadAsync(Encoding.UTF8.GetBytes(new string('x', 10_000)), "a.txt");
        Assert.Equal(10_000, blocks.Sum(block => block.Text.Length));
        Assert.All(blocks, block => Assert.Equal("line 1", block.Place!.ToString()));
        Assert.All(blocks, block => Assert.InRange(block.Text.Length, 1, ReadLimits.Default.MaxDocumentLength));
    }

    [Fact]
    public async Task Markdown_is_read_by_its_headings()
    {
        var sections = await ReadAsync(Encoding.UTF8.GetBytes(SampleFiles.Markdown), "a.md");
        Assert.Equal([("Lighthouse", 1), ("Keeper", 2), ("Light", 2)], sections.Select(section => (section.Title!, section.Level)));
        Assert.Equal("lines 4-9", sections[1].Place!.ToString());
    }

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    [InlineData("|")]
    public async Task Table_is_read_with_its_columns_whatever_divides_them(string delimiter)
    {
        var text = "Region,Price\nNorth,12.5\n#South,7\n".Replace(",", delimiter, StringComparison.Ordinal);
        var table = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(text), "a.csv"));
        Assert.Equal(["Region", "Price"], table.Rows!.Columns);
        Assert.Equal("Region | Price\nNorth | 12.5\n#South | 7", table.Text);
        Assert.Equal("rows 2-3", table.Place!.ToString());
    }

    [Fact]
    public async Task Quotes_hide_what_would_divide()
    {
        var table = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(SampleFiles.Csv), "a.csv"));
        Assert.Equal(["East", "Table, round", "80", "2024-03-09"], table.Rows!.Cells[3]);
    }

    [Fact]
    public async Task Table_without_header_has_letters()
    {
        var table = Assert.Single(await ReadAsync("1,2\n3,4,5\n"u8.ToArray(), "a.csv"));
        Assert.Equal(["A", "B", "C"], table.Rows!.Columns);
        Assert.Equal("rows 1-2", table.Place!.ToString());
    }

    [Fact]
    public async Task Table_of_one_column_loses_no_row()
    {
        var table = Assert.Single(await ReadAsync(
            Encoding.UTF8.GetBytes("Name\n" + string.Join('\n', Enumerable.Range(1, 20))), "a.csv"));
        Assert.Equal(["Name"], table.Rows!.Columns);
        Assert.Equal(20, table.Rows.Cells.Count);
    }

    [Fact]
    public async Task Quote_that_never_ends_is_told_with_its_row()
    {
        var text = "a,b\n1,2\n3,\"" + new string('x', 5 << 20);
        var failure = await Assert.ThrowsAsync<NoosException>(() => ReadAsync(Encoding.UTF8.GetBytes(text), "a.csv"));
        Assert.Contains("row 3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_of_JSON_is_read_record_by_record()
    {
        var records = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(SampleFiles.Json), "a.json"));
        Assert.Equal("records 1-3", records.Place!.ToString());
        Assert.Equal(["id", "name", "address.city", "tags", "age"], records.Rows!.Columns);
        Assert.Equal(["2", "Bo}{", "Rome", "[]"], records.Rows.Cells[1]);
        Assert.Equal(3, records.Text.Split('\n').Length);
    }

    [Fact]
    public async Task JSON_lines_and_other_JSON_are_read_too()
    {
        var lines = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(SampleFiles.JsonLines), "a.jsonl"));
        Assert.Equal(["event", "at"], lines.Rows!.Columns);
        var one = Assert.Single(await ReadAsync("{\n\"a\": [1, 2]\n}"u8.ToArray(), "a.json"));
        Assert.Equal(("{\n\"a\": [1, 2]\n}", "lines 1-3"), (one.Text, one.Place!.ToString()));
    }

    [Fact]
    public async Task Workbook_is_read_sheet_by_sheet()
    {
        var sheets = await ReadAsync(SampleFiles.Spreadsheet(), "a.xlsx");
        Assert.Equal(
            ["sheet Sales, rows 2-3", "sheet Sales, row 6", "sheet Staff 2024, row 3"], sheets.Select(sheet => sheet.Place!.ToString()));
        Assert.Equal("Region | Price | Sold\nNorth | 12.3 | 2024-03-01\nSouth & East |  | 2024-03-02 12:00:00", sheets[0].Text);
        Assert.Equal(("Our staff", "Name | Here\nHugo | TRUE"), (sheets[2].Title, sheets[2].Text));
    }

    [Fact]
    public async Task Document_is_read_by_its_headings()
    {
        var sections = await ReadAsync(SampleFiles.Word(), "a.docx");
        Assert.Equal(
            ["# The voyage\nWe sailed at dawn.\n- Rope", "## Cargo\nItem | Tons\nSalt | 40\nOnce.", "# Footnotes\nIn 1820."],
            sections.Select(section => section.Text));
        Assert.Equal(["The voyage", "Cargo", "Footnotes"], sections.Select(section => section.Title));
    }

    [Fact]
    public async Task Slides_come_in_the_order_of_the_show_with_their_notes()
    {
        var slides = await ReadAsync(SampleFiles.Presentation(), "a.pptx");
        Assert.Equal(["The plan\nWe sail in May.\nNotes: Speak slowly.", "Costs\nRopes cost 40."], slides.Select(slide => slide.Text));
        Assert.Equal(["slide 1", "slide 2"], slides.Select(slide => slide.Place!.ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_of_a_PDF_are_read_and_gone_to(bool isCompressed)
    {
        var pdf = SampleFiles.Pdf(isCompressed, "The first page\nhas (two) lines", "Second", "Third");
        using var file = DocumentFile.Open(new MemoryStream(pdf), "a.pdf", s_readers);

        var pages = await file.ReadAsync(cancellationToken: Token).ToArrayAsync(Token);
        var last = await file.ReadAsync(new DocumentPlace("", 3, 3), Token).ToArrayAsync(Token);

        Assert.Equal("3 pages", file.ReadOutline()!.Summary);
        Assert.Equal(["page 1", "page 2", "page 3"], pages.Select(page => page.Place!.ToString()));
        Assert.Contains("has (two) lines", pages[0].Text, StringComparison.Ordinal);
        Assert.Equal(("Third", "page 3"), (Assert.Single(last).Text, last[0].Place!.ToString()));
    }

    [Fact]
    public async Task Page_of_the_web_is_read_by_its_headings()
    {
        var sections = await ReadAsync(Encoding.UTF8.GetBytes(SampleFiles.Html), "a.html");
        var text = string.Join('\n', sections.Select(section => section.Text));
        Assert.Contains("# The harbour\nBoats lie here.\n- Red\n- Blue\nBoat | Age\nAnna | 12", text, StringComparison.Ordinal);
        Assert.Contains("## Fish\nHerring.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("var a", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Book_is_read_chapter_by_chapter()
    {
        var chapters = await ReadAsync(SampleFiles.Epub(encrypted: "OEBPS/a.otf"), "a.epub");
        Assert.Equal(["# Storm\nThe wind rose.", "# Calm\nIt fell."], chapters.Select(chapter => chapter.Text));
        Assert.Equal("chapter 2, section 1", chapters[1].Place!.ToString());
        await RefusedAsync(SampleFiles.Epub(encrypted: "OEBPS/one.xhtml"), "a.epub", ErrorKind.Refused, "protected");
    }

    [Fact]
    public async Task Files_in_an_archive_are_read_by_their_own_readers()
    {
        var zip = SampleFiles.Zip(
            ("notes/a.txt", "hello"u8.ToArray()), ("b.xlsx", SampleFiles.Spreadsheet()), ("x.png", [0x89, .. "PNG\r\n\u001a\n"u8]),
            ("c.zip", SampleFiles.Zip(("d.csv", "k,v\na,1\n"u8.ToArray()))), ("__MACOSX/a.txt", [1]));
        using var file = DocumentFile.Open(new MemoryStream(zip), "a.zip", s_readers);
        var all = await file.ReadAsync(cancellationToken: Token).ToArrayAsync(Token);
        var one = await file.ReadAsync(
            new DocumentPlace("", 1, 1) { Within = "entry b.xlsx, sheet Staff 2024" }, Token).ToArrayAsync(Token);

        Assert.Equal(
            ["entry notes/a.txt", "entry b.xlsx", "entry x.png", "entry c.zip"], file.ReadOutline()!.Items.Select(item => item.Place));
        Assert.Equal("entry notes/a.txt, line 1", all[0].Place!.ToString());
        Assert.Equal("entry c.zip, entry d.csv, row 2", all[^1].Place!.ToString());
        Assert.Contains("PNG picture", all[^2].Text, StringComparison.Ordinal);
        Assert.Equal("entry b.xlsx, sheet Staff 2024, row 3", Assert.Single(one).Place!.ToString());
    }

    [Fact]
    public async Task What_has_a_password_says_so()
    {
        // Office packs an encrypted document into a compound file.
        byte[] office = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[600],
            .. Encoding.Unicode.GetBytes("EncryptedPackage"), .. new byte[600]];
        await RefusedAsync(office, "a.docx", ErrorKind.Refused, "password");

        var zip = SampleFiles.Zip(("a.txt", "hello"u8.ToArray()));
        // Bit 0 of the flags, in the header of the entry and in the directory.
        zip[6] |= 1;
        var directory = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        zip[directory + 8] |= 1;
        Assert.Contains("password", Assert.Single(await ReadAsync(zip, "a.zip")).Text, StringComparison.Ordinal);

        var pdf = Encoding.Latin1.GetString(SampleFiles.Pdf(false, "a")).Replace(
            "/Root 1 0 R", "/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/O<" + new string('1', 64) + ">/U<" + new string('2', 64)
            + ">/P -4>>/ID[<00><00>]", StringComparison.Ordinal);
        await RefusedAsync(Encoding.Latin1.GetBytes(pdf), "a.pdf", ErrorKind.Refused, "password");
    }

    [Fact]
    public async Task Bombs_are_refused_before_they_unpack()
    {
        var limits = new ReadLimits { MaxUnpackedLength = 1 << 20, MaxEntries = 50, MaxNesting = 2, MaxWholeLength = 1 << 20 };
        var readers = DocumentReaderRegistry.CreateForFiles(limits);
        var large = SampleFiles.Zip(("a.txt", new byte[2 << 20]));
        await RefusedAsync(large, "a.zip", ErrorKind.Refused, "zip bomb", readers);

        // It says that it is small.
        var liar = large.ToArray();
        var directory = liar.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(liar.AsSpan(directory + 24), 100);
        var read = await ReadAsync(liar, "a.zip", readers);
        Assert.True(read.Sum(document => document.Text.Length) < 1000);

        var many = SampleFiles.Zip([.. Enumerable.Range(0, 60).Select(number => ($"{number}", new byte[1]))]);
        await RefusedAsync(many, "a.zip", ErrorKind.Refused, "entries", readers);
        var nested = SampleFiles.Zip(("a.txt", "deep"u8.ToArray()));
        for (var level = 0; level < 5; level++)
        {
            nested = SampleFiles.Zip(("inner.zip", nested));
        }

        Assert.Contains("deeper than is read", Assert.Single(await ReadAsync(nested, "a.zip", readers)).Text, StringComparison.Ordinal);
        await RefusedAsync(SampleFiles.Pdf(true, new string(' ', 3 << 20)), "a.pdf", null, "unpacks", readers);
    }

    [Theory]
    [InlineData("a.json", "[")]
    [InlineData("a.json", "[{\"a\":")]
    public async Task Nesting_without_end_is_refused(string name, string level)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(level, 100_000)));
        await RefusedAsync(content, name, ErrorKind.Invalid, "which no");
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b>")]
    [InlineData("<ul><li>")]
    public async Task Page_that_is_nested_without_end_is_read(string level)
    {
        var content = "<html><h1>Deep</h1>" + string.Concat(Enumerable.Repeat(level, 100_000)) + "down here";
        var text = string.Join('\n', (await ReadAsync(Encoding.UTF8.GetBytes(content), "a.html")).Select(section => section.Text));
        Assert.StartsWith("# Deep", text, StringComparison.Ordinal);
        Assert.EndsWith("down here", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_keeps_words_whole_and_code_as_it_stands()
    {
        const string page = "<html><p>Un<b>believ</b>able <i>but</i> true<pre>if x:\n    y()\n</pre><table><tr><td>a<td>b</table>";
        Assert.Equal(
            "Unbelievable but true\nif x:\n    y()\na | b", Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(page), "a.html")).Text);
    }

    [Fact]
    public async Task Elements_of_XHTML_that_end_where_they_begin_hide_nothing()
    {
        const string page = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='a.js'/></head>"
            + "<body><h1><a id='one'/>One</h1><p>The wind<br/>rose.</p></body></html>";
        Assert.Equal("# One\nThe wind\nrose.", Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(page), "a.html")).Text);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("<</A ")]
    public async Task PDF_that_is_nested_without_end_does_not_end_the_process(string level)
    {
        var deep = string.Concat(Enumerable.Repeat(level, 200_000));
        var inTree = Encoding.Latin1.GetString(SampleFiles.Pdf(false, "a")).Replace("/Kids[", $"/Kids{deep}[", StringComparison.Ordinal);
        var inPage = Encoding.Latin1.GetString(SampleFiles.Pdf(false, "a")).Replace("BT ", $"{deep} BT ", StringComparison.Ordinal);
        foreach (var pdf in (string[])[inTree, inPage])
        {
            try
            {
                Assert.All(await ReadAsync(Encoding.Latin1.GetBytes(pdf), "a.pdf"), page => Assert.InRange(page.Text.Length, 0, 1000));
            }
            catch (NoosException exception)
            {
                Assert.Equal(ErrorKind.Damaged, exception.Kind);
            }
        }
    }

    [Fact]
    public async Task XML_that_is_nested_without_end_or_has_one_giant_value_is_refused()
    {
        var nested = Word("<w:tbl>", 100_000);
        await RefusedAsync(nested, "a.docx", ErrorKind.Invalid, "nested");
        var giant = Word($"<w:p w:a='{new string('x', 20 << 20)}'/>", 1);
        await RefusedAsync(giant, "a.docx", ErrorKind.Refused, "unpacks");

        static byte[] Word(string element, int count) => SampleFiles.Zip(
            ("word/document.xml", Encoding.UTF8.GetBytes("<w:document xmlns:w='w'>" + string.Concat(Enumerable.Repeat(element, count)))));
    }

    [Fact]
    public async Task Entity_that_grows_is_not_read()
    {
        var xml = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><w:document xmlns:w='w'><w:p><w:r><w:t>&b;"
            + "</w:t></w:r></w:p></w:document>";
        var word = SampleFiles.Zip(("word/document.xml", Encoding.UTF8.GetBytes(xml)));
        await RefusedAsync(word, "a.docx", ErrorKind.Damaged, "damaged");
    }

    [Theory]
    [InlineData("a.txt", "")]
    [InlineData("a.csv", "")]
    [InlineData("a.json", "")]
    [InlineData("a.json", "[]")]
    [InlineData("a.html", "")]
    public async Task Empty_file_has_nothing_to_read(string name, string content) =>
        Assert.Empty(await ReadAsync(Encoding.UTF8.GetBytes(content), name));

    [Theory]
    [InlineData("PK\u0003\u0004 no archive", "a.zip")]
    [InlineData("%PDF-1.7 no pages", "a.pdf")]
    public async Task What_is_no_such_file_is_damaged(string content, string name) =>
        await RefusedAsync(Encoding.Latin1.GetBytes(content), name, ErrorKind.Damaged, name);

    [Fact]
    public async Task Unknown_bytes_are_refused_by_name() =>
        await RefusedAsync([1, 2, 3, 0, 5, 200], "a.dat", ErrorKind.Refused, "not known here");

    static async Task RefusedAsync(
        byte[] content, string name, ErrorKind? kind, string words, DocumentReaderRegistry? readers = null)
    {
        var failure = await Assert.ThrowsAsync<NoosException>(() => ReadAsync(content, name, readers));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(kind ?? failure.Kind, failure.Kind);
    }

    static async Task<Document[]> ReadAsync(byte[] content, string name, DocumentReaderRegistry? readers = null)
    {
        using var file = DocumentFile.Open(new MemoryStream(content), name, readers ?? s_readers);
        return await file.ReadAsync(cancellationToken: Token).ToArrayAsync(Token);
    }
}
