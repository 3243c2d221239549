using System.Buffers.Binary;
using Noos.Core;

namespace Noos.Corpus.Documents.Packing;

/// <summary>
/// Looks through the central directory of a ZIP archive before <see cref="System.IO.Compression.ZipArchive"/> does: that makes an object
/// of every entry there is, whatever the archive says how many there are.
/// </summary>
static class ZipDirectory
{
    const uint EntrySignature = 0x02014B50;
    const int EntryLength = 46;
    const int EndLength = 22;
    const int Zip64LocatorLength = 20;
    const int Zip64EndLength = 56;
    const int MaxComment = ushort.MaxValue;

    /// <summary>Counts the entries and what they unpack to.</summary>
    /// <param name="content">The archive; its position is changed.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What it may have.</param>
    /// <exception cref="NoosException">It is no archive (Damaged), or too large (Refused).</exception>
    public static void Check(Stream content, string name, ReadLimits limits)
    {
        content.Position = FindStart(content, name);
        Span<byte> entry = stackalloc byte[EntryLength];
        var (count, unpacked) = (0, 0L);
        while (content.ReadAtLeast(entry, EntryLength, throwOnEndOfStream: false) == EntryLength
            && BinaryPrimitives.ReadUInt32LittleEndian(entry) == EntrySignature)
        {
            if (++count > limits.MaxEntries)
            {
                throw new NoosException(
                    ErrorKind.Refused, $"'{name}' has more than {limits.MaxEntries} entries, which is more than is read; unpack it first.");
            }

            // Of entries of 4 GiB and more the real size stands elsewhere; they are too large already.
            unpacked += BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            if (unpacked > limits.MaxUnpackedLength)
            {
                throw TooLarge(name, limits);
            }

            content.Seek(
                BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]), SeekOrigin.Current);
        }

        content.Position = 0;
    }

    public static NoosException TooLarge(string name, ReadLimits limits) => new(
        ErrorKind.Refused,
        $"'{name}' unpacks to more than {limits.MaxUnpackedLength >> 20} MiB, which is more than is read (a zip bomb does that); unpack "
        + "what is needed by hand.");

    /// <summary>Where the directory begins.</summary>
    static long FindStart(Stream content, string name)
    {
        var length = (int)Math.Min(content.Length, MaxComment + EndLength + Zip64LocatorLength);
        var tail = new byte[length];
        content.Position = content.Length - length;
        content.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end + EndLength > length)
        {
            throw Damaged(name);
        }

        long start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if (start == uint.MaxValue && end >= Zip64LocatorLength && tail.AsSpan(end - Zip64LocatorLength).StartsWith("PK\u0006\u0007"u8))
        {
            var record = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(end - Zip64LocatorLength + 8));
            if (record < 0 || record > content.Length - Zip64EndLength)
            {
                throw Damaged(name);
            }

            Span<byte> wide = stackalloc byte[Zip64EndLength];
            content.Position = record;
            content.ReadExactly(wide);
            start = BinaryPrimitives.ReadInt64LittleEndian(wide[48..]);
        }

        return start >= 0 && start <= content.Length ? start : throw Damaged(name);
    }

    static NoosException Damaged(string name) =>
        new(ErrorKind.Damaged, $"'{name}' is no complete archive; it may have been cut off on its way, so get it again.");
}
