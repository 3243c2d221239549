using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Noos.Core;

namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>
/// The two files of signatures of a range. Sketches: a header, then a row per page (digest, address, time, 120 halves of hashes). Bands: a
/// header, then for each of the 20 bands, the digests and the addresses the count, the hashes ascending, and the rows in the same order.
/// Little-endian.
/// </summary>
static class SignatureFile
{
    public const int HeaderBytes = 16;
    public const int SketchAt = 40;
    public const int RowBytes = SketchAt + (MinHash.Length * sizeof(ushort));

    /// <summary>The section of exact digests, behind those of the bands.</summary>
    public const int DigestSection = MinHash.Bands;

    public const int AddressSection = MinHash.Bands + 1;
    public const int Sections = MinHash.Bands + 2;

    const ulong Magic = 0x3147_4953_534F_4F4E;

    public static byte[] Header(long count)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), count);
        return header;
    }

    /// <summary>Where the sections of a file of bands begin, and how long each is.</summary>
    public static (long At, long Count)[] ReadSections(SafeFileHandle file, string path)
    {
        var sections = new (long, long)[Sections];
        Span<byte> word = stackalloc byte[8];
        Read(file, word, 0, path);
        if (BinaryPrimitives.ReadUInt64LittleEndian(word) != Magic)
        {
            throw Damaged(path);
        }

        long at = HeaderBytes;
        for (var i = 0; i < Sections; i++)
        {
            Read(file, word, at, path);
            var count = BinaryPrimitives.ReadInt64LittleEndian(word);
            if (count < 0 || count > RandomAccess.GetLength(file))
            {
                throw Damaged(path);
            }

            sections[i] = (at + 8, count);
            at += 8 + (count * (sizeof(ulong) + sizeof(uint)));
        }

        return sections;
    }

    /// <summary>The keys of a section within bounds of hashes.</summary>
    /// <param name="file">Of bands.</param>
    /// <param name="section">Where it begins, and how many keys it has.</param>
    /// <param name="first">The least hash.</param>
    /// <param name="last">The greatest.</param>
    /// <param name="path">For messages.</param>
    public static (ulong[] Hashes, uint[] Rows) ReadSlice(
        SafeFileHandle file, (long At, long Count) section, ulong first, ulong last, string path)
    {
        var begin = FindFirst(file, section, first, path);
        var end = last == ulong.MaxValue ? section.Count : FindFirst(file, section, last + 1, path);
        var hashes = new ulong[end - begin];
        var rows = new uint[end - begin];
        Read(file, MemoryMarshal.AsBytes(hashes.AsSpan()), section.At + (begin * sizeof(ulong)), path);
        Read(file, MemoryMarshal.AsBytes(rows.AsSpan()), section.At + (section.Count * sizeof(ulong)) + (begin * sizeof(uint)), path);
        return (hashes, rows);
    }

    public static void Read(SafeFileHandle file, Span<byte> buffer, long offset, string path)
    {
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(file, buffer, offset);
            if (count == 0)
            {
                throw Damaged(path);
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    public static NoosException Damaged(string path) => new(
        ErrorKind.Damaged, $"The signatures '{path}' are damaged; remove the manifests of the stage that made them and run it again.");

    /// <summary>The first key that is not below a hash.</summary>
    static long FindFirst(SafeFileHandle file, (long At, long Count) section, ulong hash, string path)
    {
        var (first, end) = (0L, section.Count);
        Span<byte> word = stackalloc byte[8];
        while (first < end)
        {
            var middle = first + ((end - first) / 2);
            Read(file, word, section.At + (middle * sizeof(ulong)), path);
            (first, end) = BinaryPrimitives.ReadUInt64LittleEndian(word) < hash ? (middle + 1, end) : (first, middle);
        }

        return first;
    }
}
