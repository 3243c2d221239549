using System.Buffers.Binary;
using System.Security.Cryptography;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// What stands before stored KV pages, little-endian: magic, what is stored, fingerprint of the model, identity of the adapters (zeros for
/// none), type, positions per page, bytes per page, number of pages, max tokens.
/// </summary>
/// <param name="Content">What the pages are.</param>
/// <param name="Model">Fingerprint of the model, 32 bytes.</param>
/// <param name="Adapters">Fingerprint of the adapters, 32 bytes.</param>
/// <param name="Type">How keys and values are stored.</param>
/// <param name="PageBytes">Bytes per page.</param>
/// <param name="PageCount">Number of pages that follow.</param>
/// <param name="Capacity">Max tokens of a sequence; 0 for a tree.</param>
sealed record KeyValueHeader(
    KeyValueContent Content, byte[] Model, byte[] Adapters, KeyValueType Type, long PageBytes, int PageCount, int Capacity)
{
    public const int Length = MarkLength + (2 * SHA256.HashSizeInBytes) + (5 * sizeof(int)) + sizeof(long);

    const int MarkLength = 8;

    // Raise the number when the layout of pages changes or keys and values are computed in another way.
    static ReadOnlySpan<byte> Mark => "NOOSKV03"u8;

    /// <summary>The header in its stored form.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Mark.CopyTo(bytes);
        var place = bytes.AsSpan(MarkLength);
        Model.CopyTo(place);
        Adapters.CopyTo(place[SHA256.HashSizeInBytes..]);
        place = place[(2 * SHA256.HashSizeInBytes)..];
        BinaryPrimitives.WriteInt32LittleEndian(place, (int)Content);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], (int)Type);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], KeyValuePages.Positions);
        BinaryPrimitives.WriteInt64LittleEndian(place[12..], PageBytes);
        BinaryPrimitives.WriteInt32LittleEndian(place[20..], PageCount);
        BinaryPrimitives.WriteInt32LittleEndian(place[24..], Capacity);
        return bytes;
    }

    /// <summary>Reads a header; null where something else stands, or one of another version.</summary>
    public static KeyValueHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Mark))
        {
            return null;
        }

        var place = bytes[MarkLength..];
        var model = place[..SHA256.HashSizeInBytes].ToArray();
        var adapters = place.Slice(SHA256.HashSizeInBytes, SHA256.HashSizeInBytes).ToArray();
        place = place[(2 * SHA256.HashSizeInBytes)..];
        var header = new KeyValueHeader(
            (KeyValueContent)BinaryPrimitives.ReadInt32LittleEndian(place),
            model,
            adapters,
            (KeyValueType)BinaryPrimitives.ReadInt32LittleEndian(place[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(place[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(place[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(place[24..]));
        // Covers the positions per page, which are the same in all versions so far.
        return bytes.SequenceEqual(header.ToBytes()) ? header : null;
    }
}

/// <summary>What stored pages are.</summary>
enum KeyValueContent
{
    /// <summary>Pages of a prefix tree, each with the index of the page before it.</summary>
    Tree,

    /// <summary>The pages of one sequence, one behind the other.</summary>
    Sequence,
}
