using Noos.Core;
using Noos.Corpus.Reading;
using Sylvan.Data.Csv;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// Formats <c>csv</c> and <c>tsv</c>: tables as text, read by Sylvan; the delimiter of CSV is found out. Each document has some rows under
/// the header. Holds those in memory.
/// </summary>
/// <param name="name">The format.</param>
/// <param name="mediaType">The same in HTTP.</param>
/// <param name="delimiter">Null to find it out.</param>
/// <param name="limits">What a file may cost.</param>
public sealed class DelimitedReader(string name, string mediaType, char? delimiter, ReadLimits? limits = null)
    : SequentialReader(limits ?? ReadLimits.Default)
{
    const int BufferLength = 1 << 16;

    // A row must fit: one with a quote that never ends does not.
    const int MaxRowLength = 4 << 20;

    public override string Name => name;

    public override bool Reads(string format) => base.Reads(format) || format == mediaType;

    protected override IEnumerable<Document> Read(
        Stream content, DocumentOrigin origin, DocumentPlace? from, CancellationToken cancellationToken)
    {
        using var text = TextDecoding.Open(content);
        // A file without a byte has no row to find a delimiter in.
        if (text.Peek() < 0)
        {
            yield break;
        }

        using var csv = CsvDataReader.Create(text, new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = delimiter,
            BufferSize = BufferLength,
            MaxBufferSize = MaxRowLength,
            // Sylvan passes over rows that begin with '#', which people write as data.
            Comment = '\0',
            OwnsReader = false,
        });
        var table = new TableBuilder(origin, Limits);
        for (var number = 1; Advance(csv, origin, number); number++)
        {
            if (number % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            // Rows before those that are wanted are only counted; the first ones have the header.
            if (from is not null && number > Limits.MaxRows && number < from.First)
            {
                continue;
            }

            var cells = new string[Math.Min(csv.RowFieldCount, Limits.MaxColumns)];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = csv.GetString(i) is var cell && cell.Length > Limits.MaxCellLength ? cell[..Limits.MaxCellLength] : cell;
            }

            if (cells is [] or [""])
            {
                continue;
            }

            foreach (var document in table.Add(number, cells))
            {
                yield return document;
            }
        }

        foreach (var document in table.Complete())
        {
            yield return document;
        }
    }

    static bool Advance(CsvDataReader csv, DocumentOrigin origin, int number)
    {
        try
        {
            return csv.Read();
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"'{NameOf(origin)}' cannot be read as a table from row {number} on; a quote there may be missing or too many.", exception);
        }
    }
}
