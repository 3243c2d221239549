using System.Globalization;
using System.Text;
using Noos.Core.Text;
using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>
/// A file as a model first sees it: whole where it is short; else its size, its headings or columns, its beginning, and how to read on.
/// Every piece of text stands behind its place, so that answers can cite it.
/// </summary>
/// <param name="Text">What is shown.</param>
/// <param name="IsWhole">It is all that is in the file.</param>
public sealed record FileOverview(string Text, bool IsWhole)
{
    const int SampleRows = 5;
    const int MaxHeadings = 400;
    const int MaxTables = 50;
    const int MaxColumns = 60;
    const int BeginningLength = 500;

    /// <summary>Looks through a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxWholeLength">Characters of a file that is shown whole.</param>
    /// <param name="maxLength">Characters of what is shown of another.</param>
    /// <param name="options">What it may cost.</param>
    /// <param name="timeProvider">The clock of the time limit.</param>
    /// <param name="cancellationToken">Stops between pages.</param>
    /// <exception cref="Core.NoosException">It cannot be read: damaged, protected, too large, of another format.</exception>
    public static async Task<FileOverview> CreateAsync(
        DocumentFile file, int maxWholeLength, int maxLength, FileToolOptions options, TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        var started = timeProvider.GetTimestamp();
        var head = $"{file.Name}: {file.Format.Description}, {ByteSize.Format(file.Length)}";
        var outline = file.ReadOutline();
        var survey = new Survey(maxWholeLength - head.Length - 2);
        var isComplete = true;
        await foreach (var document in file.ReadAsync(cancellationToken: cancellationToken))
        {
            survey.Add(document);
            if (survey.IsTooLong && (outline is not null || timeProvider.GetElapsedTime(started) > options.MaxTime))
            {
                isComplete = outline is not null;
                break;
            }
        }

        return survey.IsTooLong
            ? new FileOverview(survey.Describe(file.Name, head, outline, isComplete, maxLength), IsWhole: false)
            : new FileOverview($"{head}\n{(survey.IsEmpty ? "(It has no text.)" : survey.Whole)}", IsWhole: true);
    }

    /// <summary>What was seen of a file so far.</summary>
    sealed class Survey(int maxLength)
    {
        readonly StringBuilder _whole = new();
        readonly List<(string Place, string Title, int Level)> _headings = [];
        readonly List<TableSurvey> _tables = [];
        DocumentPlace? _last;

        public bool IsTooLong { get; private set; }

        public bool IsEmpty => _last is null || _whole.Length == 0;

        public string Whole => _whole.ToString();

        public void Add(Document document)
        {
            var place = document.Place ?? new DocumentPlace("part", 1, 1);
            if (!IsTooLong)
            {
                AddText(document, place);
            }

            if (document.Level > 0 && document.Title is { } title && _headings.Count < MaxHeadings)
            {
                _headings.Add(((place with { Last = place.First }).ToString(), title, document.Level));
            }

            if (document.Rows is { } rows)
            {
                if (_tables.Count == 0 || _tables[^1].Within != place.Within)
                {
                    if (_tables.Count >= MaxTables)
                    {
                        return;
                    }

                    _tables.Add(new TableSurvey(place.Within));
                }

                _tables[^1].Add(rows, place);
            }

            _last = place;
        }

        public string Describe(string name, string head, DocumentOutline? outline, bool isComplete, int max)
        {
            var text = new StringBuilder(head);
            var size = outline?.Summary ?? (_tables.Count == 1 && _last?.Unit == "row" ? _tables[0].Size : Count(_last));
            text.Append(size is null ? "" : $", {(isComplete ? "" : "at least ")}{size}").Append('\n');
            var first = _headings.Count > 0 ? _headings[0].Place : _last?.Within is { } within ? within : null;
            var advice = string.Create(
                CultureInfo.InvariantCulture,
                $"It is too long to be shown whole. To read in it: {ReadFileTool.Name} with \"{ReadFileTool.File}\": \"{name}\" and "
                + $"\"{ReadFileTool.At}\" (such as \"{Example(outline, first)}\") or \"{ReadFileTool.Search}\" (words).");
            if (_tables.Exists(table => table.IsData))
            {
                advice += $" To calculate with all of it, open \"{name}\" in code.";
            }

            var left = max - text.Length - advice.Length - 1;
            foreach (var line in Lines(outline))
            {
                if (line.Length + 1 > left)
                {
                    const string more = "...\n";
                    text.Append(left >= more.Length ? more : "");
                    left = 0;
                    break;
                }

                text.Append(line).Append('\n');
                left -= line.Length + 1;
            }

            return text.Append(advice).ToString();
        }

        IEnumerable<string> Lines(DocumentOutline? outline)
        {
            foreach (var item in outline?.Items ?? [])
            {
                yield return $"{Indent(item.Level)}{(item.Place is null ? "" : $"{item.Place}: ")}{item.Title}";
            }

            foreach (var line in _tables.SelectMany(table => table.Lines()))
            {
                yield return line;
            }

            if (outline is null or { Items.Count: 0 })
            {
                foreach (var (place, title, level) in _headings)
                {
                    yield return $"{Indent(level)}{place}: {title}";
                }
            }

            if (_tables.Count == 0 && _whole.Length > 0)
            {
                yield return $"It begins: {_whole.ToString(0, Math.Min(_whole.Length, BeginningLength)).ReplaceLineEndings("\n")} ...";
            }
        }

        void AddText(Document document, DocumentPlace place)
        {
            if (document.Rows is { } rows && place.Unit == "row")
            {
                // The header once for each table.
                var isSame = _last is not null && _last.Within == place.Within;
                _whole.Append($"[{place}]\n").Append(isSame ? "" : $"{rows.Header}\n");
                foreach (var row in rows.Cells)
                {
                    _whole.Append(TableRows.Line(row)).Append('\n');
                }
            }
            else if (document.Text.Length > 0)
            {
                _whole.Append($"[{place}]\n").Append(document.Text).Append('\n');
            }

            IsTooLong = _whole.Length > maxLength;
            if (IsTooLong)
            {
                // Of what is not shown whole only the beginning is kept.
                _whole.Length = Math.Min(_whole.Length, BeginningLength);
            }
        }

        string Example(DocumentOutline? outline, string? first) =>
            outline?.Items.FirstOrDefault(item => item.Place is not null)?.Place
            ?? (_tables.Count > 0 ? _tables[0].Example : null)
            ?? first
            ?? (_last is null ? "page 1" : $"{_last.Unit} {Math.Max(1, (_last.Last + 1) / 2)}");

        static string Indent(int level) => new(' ', Math.Clamp(level - 1, 0, 8) * 2);

        static string? Count(DocumentPlace? last) => last is null or { Within: not null }
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{last.Last:N0} {last.Unit}{(last.Last == 1 ? "" : "s")}");
    }

    /// <summary>A table, learned row by row.</summary>
    sealed class TableSurvey(string? within)
    {
        readonly List<ColumnSummary> _columns = [];
        readonly List<string> _sample = [];
        string _unit = "row";
        long _rows;
        int _width;
        int _firstRow;
        int _lastRow;

        public string? Within => within;

        public bool IsData => _rows > 0;

        public string Size => string.Create(
            CultureInfo.InvariantCulture, $"{_rows:N0} {_unit}{(_rows == 1 ? "" : "s")} and {_width} column{(_width == 1 ? "" : "s")}");

        public string Example => string.Create(
            CultureInfo.InvariantCulture,
            $"{(within is null ? "" : $"{within}, ")}{_unit}s {_firstRow}-{Math.Min(_lastRow, _firstRow + 19)}");

        public void Add(TableRows rows, DocumentPlace place)
        {
            _unit = place.Unit;
            _firstRow = _rows == 0 ? rows.FirstRow : _firstRow;
            _width = Math.Max(_width, rows.Columns.Count);
            for (var i = _columns.Count; i < Math.Min(rows.Columns.Count, MaxColumns); i++)
            {
                _columns.Add(new ColumnSummary(rows.Columns[i]));
            }

            var number = rows.FirstRow;
            foreach (var row in rows.Cells)
            {
                for (var i = 0; i < Math.Min(row.Count, _columns.Count); i++)
                {
                    _columns[i].Add(row[i]);
                }

                if (_sample.Count < SampleRows)
                {
                    _sample.Add(string.Create(CultureInfo.InvariantCulture, $"{_unit} {number}: {TableRows.Line(row)}"));
                }

                number++;
                _rows++;
            }

            _lastRow = number - 1;
        }

        public IEnumerable<string> Lines()
        {
            if (within is not null)
            {
                yield return $"{within}: {Size}";
            }

            yield return $"Columns: {string.Join(", ", _columns)}{(_width > _columns.Count ? ", ..." : "")}";
            foreach (var row in _sample)
            {
                yield return row;
            }
        }
    }
}
