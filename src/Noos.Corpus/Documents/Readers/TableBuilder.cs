using System.Globalization;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Makes documents of the rows of a table as they come. The first row is the header where all its cells are different words and not
/// numbers; lone cells above it are its title. Holds the rows of one document.
/// </summary>
/// <param name="origin">Of the file.</param>
/// <param name="limits">Say how long a document is.</param>
/// <param name="within">The sheet; null for a file of one table.</param>
sealed class TableBuilder(DocumentOrigin origin, ReadLimits limits, string? within = null)
{
    // Rows that are looked at to find the header.
    const int MaxTitleRows = 5;

    readonly List<(int Number, string[] Cells)> _titles = [];
    readonly List<IReadOnlyList<string>> _rows = [];
    List<string>? _columns;
    string? _title;
    int _first;
    int _next;
    int _length;

    /// <summary>Takes a row.</summary>
    /// <param name="number">As a spreadsheet counts.</param>
    /// <param name="cells">Its cells; those at the end may be missing.</param>
    /// <returns>The documents that are complete.</returns>
    public IEnumerable<Document> Add(int number, string[] cells)
    {
        if (_columns is not null)
        {
            return AddRow(number, cells);
        }

        if (cells.Count(cell => cell.Length > 0) <= 1 && _titles.Count < MaxTitleRows)
        {
            _titles.Add((number, cells));
            return [];
        }

        if (cells.Count(cell => cell.Length > 0) <= 1)
        {
            // One column: what looked like titles were rows.
            return [.. FlushTitles(), .. AddRow(number, cells)];
        }

        _title = string.Join(' ', _titles.SelectMany(row => row.Cells).Where(cell => cell.Length > 0));
        _title = _title.Length > 0 ? _title : null;
        _titles.Clear();
        return Begin(number, cells);
    }

    /// <summary>The end of the table.</summary>
    public IEnumerable<Document> Complete() => [.. FlushTitles(), .. Flush()];

    List<Document> FlushTitles()
    {
        var documents = new List<Document>();
        foreach (var (number, cells) in _titles)
        {
            documents.AddRange(_columns is null ? Begin(number, cells) : AddRow(number, cells));
        }

        _titles.Clear();
        return documents;
    }

    Document[] Begin(int number, string[] cells)
    {
        _columns = [];
        if (!IsHeader(cells))
        {
            return AddRow(number, cells);
        }

        Widen(cells.Length);
        for (var i = 0; i < _columns.Count; i++)
        {
            _columns[i] = cells[i].Trim();
        }

        return [];
    }

    Document[] AddRow(int number, string[] cells)
    {
        Widen(cells.Length);
        var length = cells.Sum(cell => cell.Length + 3);
        // A gap of empty rows ends a document, too: its rows are numbered without gaps.
        var documents = _rows.Count > 0
            && (_length + length > limits.MaxDocumentLength || _rows.Count >= limits.MaxRows || number != _next) ? Flush() : [];
        _first = _rows.Count == 0 ? number : _first;
        _next = number + 1;
        _length += length;
        _rows.Add(cells);
        return documents;
    }

    Document[] Flush()
    {
        if (_rows.Count == 0)
        {
            // A table that is nothing but its header is one, too.
            return _columns is { Count: > 0 } && _next == 0
                ? [Make(new TableRows([.. _columns], 2, []), new DocumentPlace("row", 1, 1))]
                : [];
        }

        var rows = new TableRows([.. _columns!], _first, [.. _rows]);
        var place = new DocumentPlace("row", _first, _first + _rows.Count - 1);
        _rows.Clear();
        _length = 0;
        return [Make(rows, place)];
    }

    Document Make(TableRows rows, DocumentPlace place) =>
        new(origin.At(place.First), rows.ToText(), _title) { Rows = rows, Place = place with { Within = within } };

    void Widen(int count)
    {
        for (var i = _columns!.Count; i < Math.Min(count, limits.MaxColumns); i++)
        {
            _columns.Add(TableRows.Letter(i));
        }
    }

    static bool IsHeader(string[] cells)
    {
        var names = cells.Reverse().SkipWhile(string.IsNullOrWhiteSpace).ToArray();
        return names.Length > 0
            && names.All(name => !string.IsNullOrWhiteSpace(name) && !IsNumber(name))
            && names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length;
    }

    static bool IsNumber(string cell) => double.TryParse(cell, NumberStyles.Any, CultureInfo.InvariantCulture, out _);
}
