using System.Globalization;
using System.Text;
using System.Xml;
using Noos.Corpus.Documents.Packing;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>docx</c>: the text of a Word document by its headings; tables row by row, footnotes at the end. What is marked as deleted is
/// left out. Holds one section in memory.
/// </summary>
/// <remarks>Read with the XML reader of the framework, for the reason that <see cref="SpreadsheetReader"/> has.</remarks>
public sealed class WordReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    // A paragraph; longer ones do not occur, and must be in memory.
    const int MaxParagraph = 1 << 20;

    static readonly (string Type, string Title)[] s_notes = [("/footnotes", "Footnotes"), ("/endnotes", "Endnotes")];

    public override string Name => "docx";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Word.MediaType;

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var package = PackedFile.Open(content, NameOf(origin), Limits);
        var part = package.MainPart ?? "word/document.xml";
        var parts = package.Relationships(part);
        var sections = new SectionBuilder(origin, Limits);
        var levels = ReadHeadingStyles(package, PartOf("/styles"));
        foreach (var document in ReadPart(package, part, levels, sections, cancellationToken))
        {
            yield return document;
        }

        foreach (var (type, title) in s_notes)
        {
            if (PartOf(type) is { } notesPart && package.Has(notesPart))
            {
                sections.AddHeading(title, 1);
                foreach (var document in ReadPart(package, notesPart, levels, sections, cancellationToken))
                {
                    yield return document;
                }
            }
        }

        sections.Flush();
        while (sections.TryTake(out var last))
        {
            yield return last;
        }

        string? PartOf(string type) => parts.Values.FirstOrDefault(one => one.Type.EndsWith(type, StringComparison.Ordinal)).Target;
    }

    IEnumerable<Document> ReadPart(
        PackedFile package, string part, Dictionary<string, int> levels, SectionBuilder sections, CancellationToken cancellationToken)
    {
        using var xml = package.OpenXml(part);
        var paragraph = new Paragraph(levels, sections);
        while (xml.Advance(Limits))
        {
            // Alternatives for older programs say the same again.
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "Fallback")
            {
                xml.Skip();
            }

            paragraph.Add(xml);
            while (sections.TryTake(out var document))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return document;
            }
        }
    }

    /// <summary>
    /// The levels of the styles that are headings, by their ids, which differ with the language of Word: the names are English in all.
    /// </summary>
    Dictionary<string, int> ReadHeadingStyles(PackedFile package, string? part)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        if (part is null || !package.Has(part))
        {
            return levels;
        }

        using var xml = package.OpenXml(part);
        string? style = null;
        while (xml.Advance(Limits))
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (xml.LocalName)
            {
                case "style":
                    style = xml.Attribute("styleId");
                    break;
                case "name" when style is not null && xml.Attribute("val") is { } name:
                    if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
                    {
                        levels[style] = 1;
                    }
                    else if (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase)
                        && Level(name["heading ".Length..]) is { } level)
                    {
                        levels[style] = level;
                    }

                    break;
                case "outlineLvl" when style is not null && Level(xml.Attribute("val")) is { } outline and < 9:
                    levels.TryAdd(style, outline + 1);
                    break;
                default:
                    break;
            }
        }

        return levels;
    }

    static int? Level(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level) ? level : null;

    /// <summary>The paragraph, and the row of a table, that is being read.</summary>
    sealed class Paragraph(Dictionary<string, int> levels, SectionBuilder sections)
    {
        readonly StringBuilder _text = new();
        readonly StringBuilder _row = new();
        int _level;
        int _tables;
        bool _isText;
        bool _isItem;

        public void Add(XmlReader xml)
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element:
                    Begin(xml);
                    break;
                case XmlNodeType.EndElement:
                    End(xml.LocalName);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace when _isText:
                    xml.AppendValue(_text, MaxParagraph);
                    break;
                default:
                    break;
            }
        }

        void Begin(XmlReader xml)
        {
            switch (xml.LocalName)
            {
                case "p" when !xml.IsEmptyElement:
                    _text.Clear();
                    (_level, _isItem) = (0, false);
                    break;
                case "pStyle":
                    _level = xml.Attribute("val") is { } style && levels.TryGetValue(style, out var level) ? level : _level;
                    break;
                case "numPr":
                    _isItem = true;
                    break;
                case "t":
                    _isText = !xml.IsEmptyElement;
                    break;
                case "tab":
                    _text.Append(_text.Length > 0 ? "\t" : "");
                    break;
                case "br" or "cr":
                    _text.Append('\n');
                    break;
                case "noBreakHyphen":
                    _text.Append('-');
                    break;
                case "tbl":
                    _tables += xml.IsEmptyElement ? 0 : 1;
                    break;
                default:
                    break;
            }
        }

        void End(string name)
        {
            switch (name)
            {
                case "t":
                    _isText = false;
                    break;
                case "p" when _tables > 0:
                    _row.Append(_row.Length > 0 && _row.Length < MaxParagraph && _row[^1] != ' ' ? " " : "").Append(_text);
                    _text.Clear();
                    break;
                case "p":
                    if (_level > 0)
                    {
                        sections.AddHeading(_text.ToString(), _level);
                    }
                    else
                    {
                        sections.AddLine(_isItem && _text.Length > 0 ? $"- {_text}" : _text.ToString());
                    }

                    _text.Clear();
                    break;
                case "tc" when _tables == 1:
                    _row.Append(" | ");
                    break;
                case "tr" when _tables == 1:
                    sections.AddLine(_row.ToString().Trim().TrimEnd('|'));
                    _row.Clear();
                    break;
                case "tbl":
                    _tables = Math.Max(0, _tables - 1);
                    break;
                default:
                    break;
            }
        }
    }
}
