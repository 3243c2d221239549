namespace Noos.Media.Encoders;

/// <summary>The Huffman codes of layer III (ISO/IEC 11172-3, table 3-B.7), read from a resource of this assembly.</summary>
static class Layer3Codes
{
    /// <summary>The largest value that a pair table writes without more bits.</summary>
    public const int Escape = 15;

    // Tables that share codes: number, whose codes, and how many more bits a value of 15 has.
    static readonly (int Number, int Codes, int MoreBits)[] s_tables =
    [
        (1, 1, 0), (2, 2, 0), (3, 3, 0), (5, 5, 0), (6, 6, 0), (7, 7, 0), (8, 8, 0), (9, 9, 0), (10, 10, 0), (11, 11, 0), (12, 12, 0),
        (13, 13, 0), (15, 15, 0), (16, 16, 1), (17, 16, 2), (18, 16, 3), (19, 16, 4), (20, 16, 6), (21, 16, 8), (22, 16, 10), (23, 16, 13),
        (24, 24, 4), (25, 24, 5), (26, 24, 6), (27, 24, 7), (28, 24, 8), (29, 24, 9), (30, 24, 11), (31, 24, 13),
    ];

    static readonly (int Length, int Code)[] s_quads =
    [
        (1, 1), (4, 5), (4, 4), (5, 5), (4, 6), (6, 5), (5, 4), (6, 4), (4, 7), (5, 3), (5, 6), (6, 0), (5, 7), (6, 2), (6, 3), (6, 1),
    ];

    /// <summary>The tables for pairs of values, smallest first.</summary>
    public static IReadOnlyList<PairTable> Pairs { get; } = Load();

    /// <summary>The code of four values of 0 or 1; the second table is four plain bits.</summary>
    public static (int Length, int Code) Quad(int bits, bool isPlain) => isPlain ? (4, 15 - bits) : s_quads[bits];

    static PairTable[] Load()
    {
        using var stream = typeof(Layer3Codes).Assembly.GetManifestResourceStream("Noos.Media.Encoders.layer3-codes.bin")!;
        var codes = new Dictionary<int, (int Side, (int Length, int Code)[] Entries)>();
        for (int number; (number = stream.ReadByte()) >= 0;)
        {
            var side = stream.ReadByte();
            var entries = new (int Length, int Code)[side * side];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = (stream.ReadByte(), stream.ReadByte() | (stream.ReadByte() << 8) | (stream.ReadByte() << 16));
            }

            codes.Add(number, (side, entries));
        }

        return [.. s_tables.Select(table => new PairTable(
            table.Number, codes[table.Codes].Side, table.MoreBits, codes[table.Codes].Entries))];
    }

    /// <summary>Codes for pairs of magnitudes.</summary>
    /// <param name="Number">What the side information calls it.</param>
    /// <param name="Side">One more than the largest magnitude that has a code of its own.</param>
    /// <param name="MoreBits">Bits behind the code of a 15, for what lies beyond.</param>
    /// <param name="Entries">[first, second]</param>
    public sealed record PairTable(int Number, int Side, int MoreBits, (int Length, int Code)[] Entries)
    {
        /// <summary>The largest magnitude it can write.</summary>
        public int Max { get; } = MoreBits > 0 ? Escape + (1 << MoreBits) - 1 : Side - 1;

        /// <summary>Bits of a pair, with its signs.</summary>
        public int Cost(int first, int second)
        {
            var more = MoreBits > 0 ? (first >= Escape ? MoreBits : 0) + (second >= Escape ? MoreBits : 0) : 0;
            return Entries[(Math.Min(first, Escape) * Side) + Math.Min(second, Escape)].Length + more
                + (first > 0 ? 1 : 0) + (second > 0 ? 1 : 0);
        }
    }
}
