using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>What a slice has found; pages by number, in ascending order.</summary>
/// <param name="Near">Pages whose texts are similar.</param>
/// <param name="Exact">Pages whose texts are equal.</param>
/// <param name="Superseded">Pages whose address was fetched again later.</param>
/// <param name="Unchecked">Comparisons that were left out, since too many pages share a band.</param>
sealed record PageMatches((long First, long Second)[] Near, (long First, long Second)[] Exact, long[] Superseded, long Unchecked)
{
    public void WriteTo(Stream stream)
    {
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(header, Near.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], Exact.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Superseded.Length);
        stream.Write(header);
        stream.Write(MemoryMarshal.AsBytes(Flatten(Near).AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(Flatten(Exact).AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(Superseded.AsSpan()));
    }

    public static PageMatches Read(string path)
    {
        using var file = File.OpenHandle(path);
        Span<byte> header = stackalloc byte[24];
        SignatureFile.Read(file, header, 0, path);
        var near = BinaryPrimitives.ReadInt64LittleEndian(header);
        var exact = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        var superseded = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        if (RandomAccess.GetLength(file) != 24 + (8 * ((2 * near) + (2 * exact) + superseded)))
        {
            throw SignatureFile.Damaged(path);
        }

        var numbers = new long[(2 * near) + (2 * exact) + superseded];
        SignatureFile.Read(file, MemoryMarshal.AsBytes(numbers.AsSpan()), 24, path);
        return new PageMatches(
            Pairs(numbers.AsSpan(0, (int)(2 * near))), Pairs(numbers.AsSpan((int)(2 * near), (int)(2 * exact))),
            numbers.AsSpan((int)((2 * near) + (2 * exact))).ToArray(), 0);
    }

    static long[] Flatten((long First, long Second)[] pairs) => [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })];

    static (long, long)[] Pairs(ReadOnlySpan<long> numbers)
    {
        var pairs = new (long, long)[numbers.Length / 2];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = (numbers[2 * i], numbers[(2 * i) + 1]);
        }

        return pairs;
    }
}
