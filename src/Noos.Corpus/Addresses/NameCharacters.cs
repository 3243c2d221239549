using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Noos.Corpus.Addresses;

/// <summary>
/// Directions and joining of characters, which names in two directions are checked by: the tables DerivedBidiClass, DerivedJoiningType and
/// DerivedCombiningClass (9, viramas) of Unicode 15, as ranges in <c>directions.bin</c>.
/// </summary>
static class NameCharacters
{
    static readonly Lazy<Range[][]> s_tables = new(Read);

    /// <summary>The class of the bidirectional algorithm (UAX 9); <c>L</c> for what has no other.</summary>
    public static string DirectionOf(int point) => Find(s_tables.Value[0], point) ?? "L";

    /// <summary><c>L</c>, <c>R</c>, <c>D</c>, <c>T</c>; null for what does not join.</summary>
    public static string? JoiningOf(int point) => Find(s_tables.Value[1], point);

    public static bool IsVirama(int point) => Find(s_tables.Value[2], point) is not null;

    static string? Find(Range[] table, int point)
    {
        var (first, end) = (0, table.Length);
        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = table[middle].Last < point ? (middle + 1, end) : (first, middle);
        }

        return first < table.Length && table[first].First <= point ? table[first].Class : null;
    }

    static Range[][] Read()
    {
        using var resource = typeof(NameCharacters).Assembly.GetManifestResourceStream("Noos.Corpus.Addresses.directions.bin")!;
        using var reader = new StreamReader(new DeflateStream(resource, CompressionMode.Decompress), Encoding.ASCII);
        return
        [
            .. reader.ReadToEnd().Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(table => table
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(parts => new Range(
                    int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    int.Parse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture), parts[0])).ToArray()),
        ];
    }

    readonly record struct Range(int First, int Last, string Class);
}
