namespace Noos.Corpus.Documents;

/// <summary>Consecutive rows of a table.</summary>
/// <param name="Columns">The names of the columns; letters as in a spreadsheet where the table has none.</param>
/// <param name="FirstRow">The number of the first row as a spreadsheet counts: a header is a row, too.</param>
/// <param name="Cells">Each row, as long as it is in the file: at most as many cells as there are columns.</param>
public sealed record TableRows(IReadOnlyList<string> Columns, int FirstRow, IReadOnlyList<IReadOnlyList<string>> Cells)
{
    const string Separator = " | ";

    /// <summary>The names of the columns on one line.</summary>
    public string Header => string.Join(Separator, Columns);

    /// <summary>A row on one line.</summary>
    public static string Line(IReadOnlyList<string> cells) => string.Join(Separator, cells.Select(OneLine));

    /// <summary>Header and rows as lines.</summary>
    public string ToText() => string.Join('\n', Cells.Select(Line).Prepend(Header));

    /// <summary>The name of a column without one: A, B, ... Z, AA.</summary>
    /// <param name="index">From 0.</param>
    public static string Letter(int index)
    {
        var name = "";
        for (index++; index > 0; index = (index - 1) / 26)
        {
            name = (char)('A' + ((index - 1) % 26)) + name;
        }

        return name;
    }

    static string OneLine(string cell) => cell.AsSpan().ContainsAny('\r', '\n') ? cell.ReplaceLineEndings(" ") : cell;
}
