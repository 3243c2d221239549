using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Noos.Testing;

/// <summary>Small files of the formats that people give, as their programs write them.</summary>
public static class SampleFiles
{
    const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";
    const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const string Drawing = "http://schemas.openxmlformats.org/drawingml/2006/main";

    public const string Csv = "Region,Product,Price,Sold\nNorth,Lamp,12.50,2024-03-01\nSouth,Lamp,11.00,2024-03-02\n"
        + "North,Chair,45.25,2024-03-04\nEast,\"Table, round\",80,2024-03-09\n";

    public const string Markdown = "# Lighthouse\nIt stands on a rock.\n\n## Keeper\nHis name is Hugo.\n\n```\n# no heading\n```\n## Light"
        + "\nGreen.\n";

    public const string Html = "<!DOCTYPE html><html><head><title>Harbour</title><script>var a = 1;</script></head><body><nav>Menu</nav>"
        + "<h1>The harbour</h1><p>Boats <b>lie</b> here.</p><ul><li>Red</li><li>Blue</li></ul>"
        + "<table><tr><th>Boat</th><th>Age</th></tr><tr><td>Anna</td><td>12</td></tr></table><h2>Fish</h2><p>Herring.</p></body></html>";

    public const string Json = """
        [{"id": 1, "name": "Ann", "address": {"city": "Oslo"}, "tags": ["a", "b"]},
         {"id": 2, "name": "Bo}{", "address": {"city": "Rome"}, "tags": []},
         {"id": 3, "name": "Cy", "age": 44}]
        """;

    public const string JsonLines = "{\"event\": \"start\", \"at\": 1}\n{\"event\": \"stop\", \"at\": 5}\n";

    /// <summary>An archive.</summary>
    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                var entry = archive.CreateEntry(name, name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }

    /// <summary>A workbook with two sheets: texts, numbers, dates, gaps, and a title above the second table.</summary>
    public static byte[] Spreadsheet() => Zip(
        Part("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
        Part("_rels/.rels", Relationships(("rId1", "officeDocument", "xl/workbook.xml"))),
        Part("xl/workbook.xml", $"""
            <workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='{Office}'><workbookPr/>
            <sheets><sheet name='Sales' sheetId='1' r:id='rId1'/><sheet name='Staff 2024' sheetId='2' r:id='rId2'/></sheets></workbook>
            """),
        Part("xl/_rels/workbook.xml.rels", Relationships(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "worksheet", "/xl/worksheets/sheet2.xml"),
            ("rId3", "sharedStrings", "sharedStrings.xml"), ("rId4", "styles", "styles.xml"))),
        Part("xl/sharedStrings.xml", """
            <sst><si><t>Region</t></si><si><t>Price</t></si><si><t>Sold</t></si><si><r><t>Nor</t></r><r><t>th</t></r></si>
            <si><t xml:space='preserve'>South &amp; East</t></si></sst>
            """),
        Part("xl/styles.xml", """
            <styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy'/><numFmt numFmtId='165' formatCode='"day" 0.0'/></numFmts>
            <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='22'/><xf numFmtId='165'/></cellXfs></styleSheet>
            """),
        Part("xl/worksheets/sheet1.xml", """
            <worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c><c r='C1' t='s'><v>2</v></c></row>
            <row r='2'><c r='A2' t='s'><v>3</v></c><c r='B2' s='3'><f>1+2</f><v>12.300000000000001</v></c>
            <c r='C2' s='1'><v>45352</v></c></row>
            <row r='3'><c r='A3' t='s'><v>4</v></c><c r='C3' s='2'><v>45353.5</v></c></row>
            <row r='6'><c r='A6' t='inlineStr'><is><t>West</t></is></c><c r='B6'><v>7</v></c></row></sheetData></worksheet>
            """),
        Part("xl/worksheets/sheet2.xml", """
            <worksheet><sheetData><row><c t='inlineStr'><is><t>Our staff</t></is></c></row>
            <row><c t='str'><v>Name</v></c><c t='str'><v>Here</v></c></row>
            <row><c t='str'><v>Hugo</v></c><c t='b'><v>1</v></c></row></sheetData></worksheet>
            """));

    /// <summary>A document with headings of a localized style, a list, a table, a deletion and a footnote.</summary>
    public static byte[] Word()
    {
        const string ns = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' "
            + "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'";
        return Zip(
            Part("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
            Part("_rels/.rels", Relationships(("rId1", "officeDocument", "word/document.xml"))),
            Part("word/_rels/document.xml.rels", Relationships(("rId1", "styles", "styles.xml"), ("rId2", "footnotes", "footnotes.xml"))),
            Part("word/styles.xml", $"""
                <w:styles {ns}><w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>
                <w:style w:styleId='berschrift2'><w:name w:val='heading 2'/></w:style></w:styles>
                """),
            Part("word/document.xml", $"""
                <w:document {ns}><w:body>
                <w:p><w:pPr><w:pStyle w:val='berschrift1'/></w:pPr><w:r><w:t>The </w:t></w:r><w:r><w:t>voyage</w:t></w:r></w:p>
                <w:p><w:r><w:t>We sailed</w:t></w:r><w:del><w:r><w:delText> not</w:delText></w:r></w:del>
                <w:r><w:t xml:space='preserve'> at dawn.</w:t></w:r></w:p>
                <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>Rope</w:t></w:r></w:p>
                <w:p><w:pPr><w:pStyle w:val='berschrift2'/></w:pPr><w:r><w:t>Cargo</w:t></w:r></w:p>
                <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Item</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Tons</w:t></w:r></w:p></w:tc></w:tr>
                <w:tr><w:tc><w:p><w:r><w:t>Salt</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>40</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
                <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>Once.</w:t></w:r></w:p></mc:Choice>
                <mc:Fallback><w:p><w:r><w:t>Once.</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>
                </w:body></w:document>
                """),
            Part("word/footnotes.xml",
                $"<w:footnotes {ns}><w:footnote><w:p><w:r><w:t>In 1820.</w:t></w:r></w:p></w:footnote></w:footnotes>"));
    }

    /// <summary>Two slides, the second first in the package; the first has notes.</summary>
    public static byte[] Presentation()
    {
        return Zip(
            Part("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
            Part("_rels/.rels", Relationships(("rId1", "officeDocument", "ppt/presentation.xml"))),
            Part("ppt/presentation.xml", $"""
                <p:presentation xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' xmlns:r='{Office}'>
                <p:sldIdLst><p:sldId id='256' r:id='rId7'/><p:sldId id='257' r:id='rId8'/></p:sldIdLst></p:presentation>
                """),
            Part("ppt/_rels/presentation.xml.rels", Relationships(
                ("rId7", "slide", "slides/slide2.xml"), ("rId8", "slide", "slides/slide1.xml"))),
            Part("ppt/slides/slide1.xml", Slide("Costs", "Ropes cost 40.")),
            Part("ppt/slides/slide2.xml", Slide("The plan", "We sail in May.")),
            Part("ppt/slides/_rels/slide2.xml.rels", Relationships(("rId1", "notesSlide", "../notesSlides/notesSlide1.xml"))),
            Part("ppt/notesSlides/notesSlide1.xml", Slide("7", "Speak slowly.", "sldNum", "body")));

        static string Slide(string title, string text, string titleType = "title", string textType = "body") => $"""
            <p:sld xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' xmlns:a='{Drawing}'>
            <p:sp><p:nvPr><p:ph type='{titleType}'/></p:nvPr><a:p><a:r><a:t>{title}</a:t></a:r></a:p></p:sp>
            <p:sp><p:nvPr><p:ph type='{textType}'/></p:nvPr><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp></p:sld>
            """;
    }

    /// <summary>A book of two chapters.</summary>
    public static byte[] Epub(string? encrypted = null) => Zip(
        [
            Part("mimetype", "application/epub+zip"),
            Part("META-INF/container.xml", """
                <container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>
                <rootfile full-path='OEBPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>
                """),
            Part("OEBPS/book.opf", """
                <package xmlns='http://www.idpf.org/2007/opf'><manifest>
                <item id='b' href='two%20b.xhtml'/><item id='a' href='one.xhtml'/></manifest>
                <spine><itemref idref='a'/><itemref idref='b'/></spine></package>
                """),
            Part("OEBPS/one.xhtml", "<?xml version='1.0'?><!DOCTYPE html><html><body><h1>Storm</h1><p>The wind rose.</p></body></html>"),
            Part("OEBPS/two b.xhtml", "<html><body><h1>Calm</h1><p>It fell.</p></body></html>"),
            .. encrypted is null ? [] : new[]
            {
                Part("META-INF/encryption.xml",
                    $"<encryption><EncryptedData><CipherReference URI='{encrypted}'/></EncryptedData></encryption>"),
            },
        ]);

    /// <summary>A PDF with a page for each text, one line of it under the other.</summary>
    /// <param name="isCompressed">Contents are packed with Deflate.</param>
    /// <param name="pages">The text of each page.</param>
    public static byte[] Pdf(bool isCompressed, params string[] pages)
    {
        var objects = new List<byte[]>();
        var kids = string.Join(' ', pages.Select((_, index) => $"{4 + (2 * index)} 0 R"));
        objects.Add(Encoding.Latin1.GetBytes("<</Type/Catalog/Pages 2 0 R>>"));
        objects.Add(Encoding.Latin1.GetBytes($"<</Type/Pages/Count {pages.Length}/Kids[{kids}]>>"));
        objects.Add(Encoding.Latin1.GetBytes("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"));
        for (var i = 0; i < pages.Length; i++)
        {
            objects.Add(Encoding.Latin1.GetBytes(
                $"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + (2 * i)} 0 R>>"));
            var lines = pages[i].Split('\n').Select(line => $"({Escape(line)}) Tj 0 -14 Td");
            var content = Encoding.Latin1.GetBytes($"BT /F1 11 Tf 50 780 Td {string.Join('\n', lines)} ET");
            objects.Add(Stream(content, isCompressed));
        }

        using var file = new MemoryStream();
        Write(file, "%PDF-1.4\n");
        var offsets = new List<long>();
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Position);
            Write(file, string.Create(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n"));
            file.Write(objects[i]);
            Write(file, "\nendobj\n");
        }

        var start = file.Position;
        Write(file, string.Create(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets)
        {
            Write(file, string.Create(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n"));
        }

        Write(file, string.Create(
            CultureInfo.InvariantCulture, $"trailer\n<</Size {objects.Count + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
        return file.ToArray();
    }

    /// <summary>A stream object of a PDF.</summary>
    static byte[] Stream(byte[] content, bool isCompressed)
    {
        if (isCompressed)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                zlib.Write(content);
            }

            content = packed.ToArray();
        }

        return
        [
            .. Encoding.Latin1.GetBytes($"<</Length {content.Length}{(isCompressed ? "/Filter/FlateDecode" : "")}>>\nstream\n"),
            .. content,
            .. Encoding.Latin1.GetBytes("\nendstream"),
        ];
    }

    static string Escape(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("(", @"\(", StringComparison.Ordinal)
        .Replace(")", @"\)", StringComparison.Ordinal);

    static void Write(MemoryStream file, string text) => file.Write(Encoding.Latin1.GetBytes(text));

    static (string Name, byte[] Content) Part(string name, string xml) => (name, Encoding.UTF8.GetBytes(xml));

    static string Relationships(params (string Id, string Type, string Target)[] all) => $"<Relationships xmlns='{Package}'>"
        + string.Concat(all.Select(one => $"<Relationship Id='{one.Id}' Type='{Office}/{one.Type}' Target='{one.Target}'/>"))
        + "</Relationships>";
}
