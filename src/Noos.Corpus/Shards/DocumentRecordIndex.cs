using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Noos.Core;

namespace Noos.Corpus.Shards;

/// <summary>
/// The end of a file of document records: where each Zstandard frame of <see cref="BlockLength"/> lines begins, and which shard they
/// belong to. A skippable frame (RFC 8878, 3.1.2), so <c>zstdcat</c> prints the records and passes over it.
/// </summary>
/// <param name="ShardHash">The <see cref="ShardFile.ContentHash"/> of the shard.</param>
/// <param name="Documents">Number of records, the unknown ones included.</param>
/// <param name="Offsets">The first byte of each frame, and the end of the last.</param>
sealed record DocumentRecordIndex(ulong ShardHash, long Documents, long[] Offsets)
{
    /// <summary>Records in a frame: few enough to unpack one for a single look-up, enough to compress what they share.</summary>
    public const int BlockLength = 256;

    // Magic number and length of the skippable frame, then: mark, version, lines in a frame, shard, documents.
    const int FrameHeaderLength = 8;
    const int HeaderLength = 8 + 4 + 4 + 8 + 8;
    // Checksum of all before it, and the length of the whole frame, by which it is found from the end of the file.
    const int TrailerLength = 8 + 4;
    const int FixedLength = FrameHeaderLength + HeaderLength + TrailerLength;
    const uint FrameMagic = 0x184D2A53;
    const int Version = 1;

    static ReadOnlySpan<byte> Mark => "NOOSDOCS"u8;

    public byte[] ToBytes()
    {
        var offsets = MemoryMarshal.AsBytes(Offsets.AsSpan());
        var bytes = new byte[FixedLength + offsets.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - FrameHeaderLength);
        Mark.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), BlockLength);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), ShardHash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Documents);
        offsets.CopyTo(bytes.AsSpan(FrameHeaderLength + HeaderLength));
        var trailer = bytes.AsSpan(bytes.Length - TrailerLength);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer, XxHash3.HashToUInt64(bytes.AsSpan(0, bytes.Length - TrailerLength)));
        BinaryPrimitives.WriteInt32LittleEndian(trailer[8..], bytes.Length);
        return bytes;
    }

    /// <summary>Reads the index at the end of a file.</summary>
    /// <exception cref="NoosException">There is none (<see cref="ErrorKind.Damaged"/>).</exception>
    public static DocumentRecordIndex Read(SafeFileHandle file, string path)
    {
        var fileLength = RandomAccess.GetLength(file);
        Span<byte> last = stackalloc byte[4];
        var length = fileLength >= FixedLength && RandomAccess.Read(file, last, fileLength - 4) == 4
            ? BinaryPrimitives.ReadInt32LittleEndian(last)
            : 0;
        if (length < FixedLength || length > fileLength || (length - FixedLength) % sizeof(long) != 0)
        {
            throw Damaged(path);
        }

        var bytes = new byte[length];
        if (RandomAccess.Read(file, bytes, fileLength - length) != length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != FrameMagic
            || !bytes.AsSpan(8).StartsWith(Mark)
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length - TrailerLength))
                != XxHash3.HashToUInt64(bytes.AsSpan(0, length - TrailerLength)))
        {
            throw Damaged(path);
        }

        var index = new DocumentRecordIndex(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32)),
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan(FrameHeaderLength + HeaderLength, length - FixedLength)).ToArray());
        var isKnown = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)) == Version
            && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(20)) == BlockLength;
        return isKnown && index.IsConsistent(fileLength - length) ? index : throw Damaged(path);
    }

    public static NoosException Damaged(string path, Exception? reason = null)
    {
        var message = $"The document records '{path}' are damaged; build the shard again.";
        return reason is null ? new NoosException(ErrorKind.Damaged, message) : new NoosException(ErrorKind.Damaged, message, reason);
    }

    // The checksum proves that nothing changed since writing; this proves that what was written can be used.
    bool IsConsistent(long end)
    {
        var isInOrder = Documents >= 0 && Offsets.Length == ((Documents + BlockLength - 1) / BlockLength) + 1
            && Offsets[0] == 0 && Offsets[^1] == end;
        for (var block = 1; isInOrder && block < Offsets.Length; block++)
        {
            isInOrder = Offsets[block - 1] < Offsets[block];
        }

        return isInOrder;
    }
}
