using System.Buffers.Binary;
using System.IO.Hashing;
using Noos.Core;

namespace Noos.Corpus.Shards;

/// <summary>
/// The first 64 bytes of a shard, little-endian. After it come the tokens (16 bits each), zeros up to a multiple of 8 bytes, and the
/// first token of each document (64 bits each), with the number of tokens as the last entry.
/// </summary>
readonly record struct ShardHeader(ulong Vocabulary, int VocabularySize, long Tokens, long Documents, long Utf8Bytes)
{
    public const int Length = 64;
    const int Version = 1;

    static ReadOnlySpan<byte> Magic => "NOOSSHRD"u8;

    public long OffsetsAt => Length + (((Tokens * sizeof(ushort)) + 7) & ~7L);

    public long FileLength => OffsetsAt + ((Documents + 1) * sizeof(long));

    /// <param name="header">Room for the header.</param>
    /// <param name="bodyHash">XxHash3 of everything after the header.</param>
    public void Write(Span<byte> header, ulong bodyHash)
    {
        header[..Length].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], VocabularySize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], Vocabulary);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], Documents);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], Utf8Bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], bodyHash);
        BinaryPrimitives.WriteUInt64LittleEndian(header[56..], XxHash3.HashToUInt64(header[..56]));
    }

    public static ShardHeader Read(ReadOnlySpan<byte> header, string path, out ulong bodyHash)
    {
        if (header.Length < Length || !header.StartsWith(Magic))
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' is not a Noos shard.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != Version)
        {
            throw new NoosException(
                ErrorKind.Damaged,
                $"The shard '{path}' has format version {version}, but this program reads version {Version}; build the shard again.");
        }

        if (XxHash3.HashToUInt64(header[..56]) != BinaryPrimitives.ReadUInt64LittleEndian(header[56..]))
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The header of the shard '{path}' is damaged (its checksum does not fit); build the shard again.");
        }

        bodyHash = BinaryPrimitives.ReadUInt64LittleEndian(header[48..]);
        return new ShardHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[40..]));
    }
}
