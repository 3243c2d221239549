using System.Globalization;
using System.IO.Compression;
using System.Text;
using Noos.Core.Tools;

namespace Noos.Tools.Units.Currencies;

/// <summary>
/// The euro foreign exchange reference rates of the European Central Bank, in the file as the bank publishes it
/// (eurofxref-hist.zip, from https://www.ecb.europa.eu/stats/eurofxref): units of each currency per euro on each working day since 1999,
/// the newest first. Thread-safe.
/// </summary>
sealed class ReferenceRates
{
    const string Resource = "eurofxref-hist.zip";

    // Weekends and holidays have no rate; a longer gap is none that the last rate may fill.
    const int MaxGapDays = 7;

    // Twice today's size of the file is room for decades.
    const long MaxBytes = 32 << 20;

    static readonly Lazy<ReferenceRates> s_shipped = new(() =>
    {
        using var stream = typeof(ReferenceRates).Assembly.GetManifestResourceStream(Resource)!;
        return ReadZip(stream);
    });

    readonly string[] _lines;
    readonly string[] _columns;
    readonly DateOnly[] _dates;

    ReferenceRates(string text)
    {
        _lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (_lines.Length < 2 || !_lines[0].StartsWith("Date,", StringComparison.Ordinal))
        {
            throw new FormatException("It does not begin with a line \"Date,USD,...\".");
        }

        _columns = _lines[0].Split(',', StringSplitOptions.TrimEntries);
        _dates = [.. _lines.Skip(1).Select(line => DateOnly.ParseExact(
            line.AsSpan(0, Math.Max(0, line.IndexOf(','))), "yyyy-MM-dd", CultureInfo.InvariantCulture))];
        if (!_dates.Zip(_dates.Skip(1), (newer, older) => newer > older).All(isOrdered => isOrdered))
        {
            throw new FormatException("Its days do not stand in their order, the newest first.");
        }
    }

    /// <summary>The last day that has rates.</summary>
    public DateOnly Newest => _dates[0];

    public DateOnly Oldest => _dates[^1];

    /// <summary>The rates that a person has put into a file where they are newer than those that came with the program.</summary>
    /// <param name="path">The bank's zip, or the CSV file in it; null for none. It need not exist.</param>
    /// <exception cref="ToolException">The file is there and cannot be read.</exception>
    public static ReferenceRates Load(string? path)
    {
        var shipped = s_shipped.Value;
        if (path is null || !File.Exists(path))
        {
            return shipped;
        }

        try
        {
            using var file = File.OpenRead(path);
            var given = path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? ReadZip(file) : new ReferenceRates(ReadText(file));
            return given.Newest > shipped.Newest ? given : shipped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new ToolException($"The exchange rates in {Path.GetFileName(path)} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Units of a currency per euro, as they are written, on a day or the last working day before it.</summary>
    /// <param name="currency">Its ISO code, not EUR.</param>
    /// <param name="day">Of the rate.</param>
    /// <exception cref="ToolException">There is no rate, and none is made up.</exception>
    public (string Rate, DateOnly Day) Find(string currency, DateOnly day)
    {
        if (day > Newest.AddDays(MaxGapDays))
        {
            throw new ToolException(
                $"The exchange rates here end on {Iso(Newest)}; ask for a day up to then, or put a newer {Resource} of the ECB into "
                + "the home.");
        }

        if (day < Oldest)
        {
            throw new ToolException($"The exchange rates here begin on {Iso(Oldest)}, with the euro; ask for a later day.");
        }

        var column = Array.IndexOf(_columns, currency);
        // The days go down: the first that is not later.
        var at = Array.BinarySearch(_dates, day, Comparer<DateOnly>.Create((one, other) => other.CompareTo(one)));
        for (at = at < 0 ? ~at : at; column > 0 && at < _dates.Length && _dates[at].AddDays(MaxGapDays) >= day; at++)
        {
            var cells = _lines[at + 1].Split(',');
            if (column < cells.Length
                && decimal.TryParse(cells[column], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
            {
                return (cells[column], _dates[at]);
            }
        }

        throw new ToolException($"The ECB has no rate of {currency} for {Iso(day)}; ask for another day.");
    }

    /// <summary>Whether the table has a column for a currency.</summary>
    public bool Knows(string currency) => Array.IndexOf(_columns, currency) > 0;

    static ReferenceRates ReadZip(Stream stream)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        var entry = archive.Entries.FirstOrDefault(entry => entry.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException("There is no CSV file in it.");
        using var content = entry.Open();
        return new ReferenceRates(ReadText(content));
    }

    static string ReadText(Stream stream)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) is > 0 and var count)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MaxBytes)
            {
                throw new FormatException($"It is longer than {MaxBytes >> 20} MiB.");
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
