using System.Globalization;

namespace Noos.Tools.Files;

/// <summary>What the cells of a column have in common, learned row by row.</summary>
/// <param name="name">Of the column.</param>
sealed class ColumnSummary(string name)
{
    const int MaxExamples = 3;
    const int MaxExampleLength = 24;

    readonly List<string> _examples = [];
    double _min = double.PositiveInfinity;
    double _max = double.NegativeInfinity;
    string? _first;
    string? _last;
    long _count;
    long _numbers;
    long _dates;

    public void Add(string cell)
    {
        cell = cell.Trim();
        if (cell.Length == 0)
        {
            return;
        }

        _count++;
        if (double.TryParse(cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number))
        {
            _numbers++;
            (_min, _max) = (Math.Min(_min, number), Math.Max(_max, number));
        }
        else if (IsDate(cell))
        {
            _dates++;
            _first = string.CompareOrdinal(_first ?? cell, cell) < 0 ? _first : cell;
            _last = string.CompareOrdinal(_last ?? cell, cell) > 0 ? _last : cell;
        }

        if (_examples.Count < MaxExamples && !_examples.Contains(cell))
        {
            _examples.Add(cell);
        }
    }

    public override string ToString() => _count == 0 ? $"{name} (empty)"
        : _numbers == _count ? string.Create(CultureInfo.InvariantCulture, $"{name} (number, {_min:G12} to {_max:G12})")
        : _dates == _count ? $"{name} (date, {_first} to {_last})"
        : $"{name} (text, such as {string.Join("; ", _examples.Select(Shorten))})";

    static string Shorten(string text) => text.Length <= MaxExampleLength ? text : text[..MaxExampleLength] + "...";

    // Only the notation that sorts as text.
    static bool IsDate(string cell) => cell.Length >= 10 && cell[4] == '-' && cell[7] == '-'
        && DateTime.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
