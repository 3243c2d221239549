using System.Globalization;
using System.Text;
using System.Xml;
using Noos.Core;
using Noos.Corpus.Documents.Packing;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Format <c>xlsx</c>: the sheets of an Excel workbook, row by row; values as they were last computed. Holds the shared texts of the
/// workbook and the rows of one document in memory.
/// </summary>
/// <remarks>
/// Read with the XML reader of the framework and not with an object model: that would hold whole sheets, and its recursion ends the process
/// on files that are nested deep enough.
/// </remarks>
public sealed class SpreadsheetReader(ReadLimits? limits = null) : SequentialReader(limits ?? ReadLimits.Default)
{
    public override string Name => "xlsx";

    public override bool Reads(string format) => base.Reads(format) || format == FileFormat.Spreadsheet.MediaType;

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        var name = NameOf(origin);
        using var package = PackedFile.Open(content, name, Limits);
        var workbook = package.MainPart ?? "xl/workbook.xml";
        var (sheets, has1904) = ReadWorkbook(package, workbook);
        var parts = package.Relationships(workbook);
        var texts = SharedTexts.Read(package, PartOf("/sharedStrings"), name, Limits, cancellationToken);
        var cells = new CellText(texts, DateStyles.Read(package, PartOf("/styles"), Limits), has1904, Limits.MaxCellLength);
        foreach (var (title, id) in sheets)
        {
            var within = $"sheet {title}";
            if ((from?.Within is { } wanted && !string.Equals(wanted, within, StringComparison.OrdinalIgnoreCase))
                || !parts.TryGetValue(id, out var sheet) || !sheet.Type.EndsWith("/worksheet", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var document in ReadSheet(package, sheet.Target, within, cells, origin, from, cancellationToken))
            {
                yield return document;
            }
        }

        string? PartOf(string type) =>
            parts.Values.FirstOrDefault(part => part.Type.EndsWith(type, StringComparison.Ordinal)).Target;
    }

    (List<(string Title, string Id)> Sheets, bool Has1904) ReadWorkbook(PackedFile package, string part)
    {
        using var xml = package.OpenXml(part);
        var sheets = new List<(string, string)>();
        var has1904 = false;
        while (xml.Advance(Limits))
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (xml.LocalName)
            {
                case "workbookPr":
                    has1904 = xml.GetAttribute("date1904") is "1" or "true";
                    break;
                case "sheet" when sheets.Count < Limits.MaxEntries && xml.GetAttribute("name") is { } title
                    && xml.Attribute("id") is { } id:
                    sheets.Add((title, id));
                    break;
                default:
                    break;
            }
        }

        return (sheets, has1904);
    }

    IEnumerable<Document> ReadSheet(
        PackedFile package, string part, string within, CellText cells, DocumentOrigin origin, DocumentPlace? from,
        CancellationToken cancellationToken)
    {
        using var xml = package.OpenXml(part);
        var table = new TableBuilder(origin, Limits, within);
        var row = new List<string>();
        var (number, column) = (0, 0);
        while (xml.Advance(Limits))
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "row":
                    var isGiven = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var given);
                    number = isGiven && given > number ? given : number + 1;
                    row.Clear();
                    column = 0;
                    if (number % 1024 == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                    }

                    break;
                case XmlNodeType.Element when xml.LocalName == "c":
                    column = ColumnOf(xml.GetAttribute("r")) ?? column;
                    var text = cells.Read(xml, Limits);
                    if (text.Length > 0 && column < Limits.MaxColumns)
                    {
                        while (row.Count < column)
                        {
                            row.Add("");
                        }

                        if (row.Count == column)
                        {
                            row.Add(text);
                        }
                    }

                    column++;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "row" && row.Count > 0
                    && (from is null || number <= Limits.MaxRows || number >= from.First):
                    foreach (var document in table.Add(number, [.. row]))
                    {
                        yield return document;
                    }

                    break;
                default:
                    break;
            }
        }

        foreach (var document in table.Complete())
        {
            yield return document;
        }
    }

    /// <summary>The column of a cell such as <c>AB12</c>, from 0; null where it does not say.</summary>
    static int? ColumnOf(string? reference)
    {
        var column = 0;
        foreach (var letter in reference ?? "")
        {
            if (!char.IsAsciiLetterUpper(letter) || column > 1 << 20)
            {
                break;
            }

            column = (column * 26) + (letter - 'A' + 1);
        }

        return column == 0 ? null : column - 1;
    }

    /// <summary>What cells show.</summary>
    sealed class CellText(SharedTexts texts, DateStyles dates, bool has1904, int maxLength)
    {
        // Days before 1900-01-01 in the two calendars of Excel; the first takes 1900 for a leap year.
        static readonly DateTime s_epoch1900 = new(1899, 12, 30);
        static readonly DateTime s_epoch1904 = new(1904, 1, 1);

        readonly StringBuilder _value = new();

        /// <summary>Reads the cell on whose start the reader stands, to its end.</summary>
        public string Read(XmlReader xml, ReadLimits limits)
        {
            _value.Clear();
            var (type, style) = (xml.GetAttribute("t"), xml.GetAttribute("s"));
            if (xml.IsEmptyElement)
            {
                return "";
            }

            var depth = xml.Depth;
            var isValue = false;
            while (xml.Advance(limits) && xml.Depth > depth)
            {
                if (xml.NodeType is XmlNodeType.Element or XmlNodeType.EndElement)
                {
                    // "v" is the value, "t" that of a text in the cell; "f" the formula, "rPh" how to pronounce it.
                    isValue = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement && xml.LocalName is "v" or "t";
                }
                else if (isValue && xml.IsText())
                {
                    xml.AppendValue(_value, maxLength);
                }
            }

            var value = _value.ToString();
            return type switch
            {
                "s" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? texts.Get(index) : "",
                "b" => value == "1" ? "TRUE" : "FALSE",
                null or "n" => Number(value, style),
                _ => value,
            };
        }

        string Number(string value, string? style)
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return value;
            }

            if (dates.IsDate(style) && number is >= 0 and < 2_958_466)
            {
                return Date(number);
            }

            // Excel shows 15 digits and stores 17: 12.300000000000001 is what people see as 12.3.
            return value.Length > 15 ? number.ToString("G15", CultureInfo.InvariantCulture) : value;
        }

        string Date(double days)
        {
            var time = (has1904 ? s_epoch1904 : s_epoch1900).AddMilliseconds(Math.Round(days * 86_400_000));
            return days < 1 ? time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)
                : time.TimeOfDay == TimeSpan.Zero ? time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                : time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The texts that cells share, as UTF-8 one behind the other: a string for each would cost several times as much.</summary>
    sealed class SharedTexts
    {
        readonly List<int> _ends = [];
        byte[] _bytes = [];
        int _length;

        public static SharedTexts Read(
            PackedFile package, string? part, string name, ReadLimits limits, CancellationToken cancellationToken)
        {
            var texts = new SharedTexts();
            if (part is null || !package.Has(part))
            {
                return texts;
            }

            using var xml = package.OpenXml(part);
            var value = new StringBuilder();
            var (isText, isPhonetic) = (false, false);
            while (xml.Advance(limits))
            {
                if (xml.NodeType == XmlNodeType.Element)
                {
                    isText = xml.LocalName == "t" && !xml.IsEmptyElement;
                    isPhonetic |= xml.LocalName == "rPh" && !xml.IsEmptyElement;
                    if (xml.LocalName == "si" && xml.IsEmptyElement)
                    {
                        texts.Add("", name, limits);
                    }
                }
                else if (xml.NodeType == XmlNodeType.EndElement)
                {
                    isText = false;
                    isPhonetic &= xml.LocalName != "rPh";
                    if (xml.LocalName == "si")
                    {
                        texts.Add(value.ToString(), name, limits);
                        value.Clear();
                        if (texts._ends.Count % 1024 == 0)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                        }
                    }
                }
                else if (isText && !isPhonetic && xml.IsText())
                {
                    xml.AppendValue(value, limits.MaxCellLength);
                }
            }

            return texts;
        }

        public string Get(int index) => index >= _ends.Count
            ? ""
            : Encoding.UTF8.GetString(_bytes, index == 0 ? 0 : _ends[index - 1], _ends[index] - (index == 0 ? 0 : _ends[index - 1]));

        void Add(string text, string name, ReadLimits limits)
        {
            var size = Encoding.UTF8.GetByteCount(text);
            if (_length + size > limits.MaxWholeLength || _ends.Count > limits.MaxWholeLength / sizeof(int))
            {
                throw new NoosException(
                    ErrorKind.Refused, $"'{name}' has more than {limits.MaxWholeLength >> 20} MiB of texts; save its sheets as .csv.");
            }

            if (_length + size > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_length + size, Math.Min(limits.MaxWholeLength, Math.Max(1 << 12, _bytes.Length * 2))));
            }

            _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
            _ends.Add(_length);
        }
    }

    /// <summary>Which styles of cells show dates.</summary>
    sealed class DateStyles
    {
        readonly List<bool> _styles = [];

        public static DateStyles Read(PackedFile package, string? part, ReadLimits limits)
        {
            var styles = new DateStyles();
            if (part is null || !package.Has(part))
            {
                return styles;
            }

            using var xml = package.OpenXml(part);
            var formats = new Dictionary<string, bool>(StringComparer.Ordinal);
            var isStyle = false;
            while (xml.Advance(limits))
            {
                switch (xml.NodeType)
                {
                    case XmlNodeType.Element when xml.LocalName == "numFmt" && xml.GetAttribute("numFmtId") is { } id:
                        formats[id] = ShowsDate(xml.GetAttribute("formatCode") ?? "");
                        break;
                    case XmlNodeType.Element or XmlNodeType.EndElement when xml.LocalName == "cellXfs":
                        isStyle = xml.NodeType == XmlNodeType.Element;
                        break;
                    case XmlNodeType.Element when isStyle && xml.LocalName == "xf" && styles._styles.Count < 1 << 16:
                        var format = xml.GetAttribute("numFmtId") ?? "";
                        styles._styles.Add(formats.TryGetValue(format, out var known) ? known : IsBuiltInDate(format));
                        break;
                    default:
                        break;
                }
            }

            return styles;
        }

        public bool IsDate(string? style) =>
            int.TryParse(style, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _styles.Count && _styles[index];

        // ECMA-376, 18.8.30.
        static bool IsBuiltInDate(string format) =>
            int.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && id is (>= 14 and <= 22) or (>= 27 and <= 36) or (>= 45 and <= 47) or (>= 50 and <= 58);

        static bool ShowsDate(string format)
        {
            var (isQuoted, isBracket) = (false, false);
            for (var i = 0; i < format.Length; i++)
            {
                switch (format[i])
                {
                    case '"':
                        isQuoted = !isQuoted;
                        break;
                    case '[':
                        isBracket = true;
                        break;
                    case ']':
                        isBracket = false;
                        break;
                    case '\\' or '_' or '*':
                        i++;
                        break;
                    case 'y' or 'Y' or 'd' or 'D' or 'm' or 'M' or 'h' or 'H' when !isQuoted && !isBracket:
                        return true;
                    default:
                        break;
                }
            }

            return false;
        }
    }
}
