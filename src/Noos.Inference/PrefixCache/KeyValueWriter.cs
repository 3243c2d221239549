using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// KV pages in their stored form, the same for files and streams: <see cref="KeyValueHeader"/>, the pages
/// (<see cref="StoredPage"/>), at the end the SHA-256 of all before.
/// </summary>
static unsafe class KeyValueWriter
{
    /// <summary>The bytes, block by block; each is valid until the next is asked for.</summary>
    /// <param name="header">Comes first.</param>
    /// <param name="pages">As many as the header says.</param>
    /// <param name="unfilled">Lets the bytes depend on the tokens alone.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Encode(
        KeyValueHeader header, IEnumerable<StoredPage> pages, UnfilledPositions unfilled)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var first = header.ToBytes();
        hash.AppendData(first);
        yield return first;
        var block = new byte[StoredPage.HeaderLength + header.PageBytes];
        foreach (var page in pages)
        {
            Encode(page, block, unfilled);
            hash.AppendData(block);
            yield return block;
        }

        yield return hash.GetHashAndReset();
    }

    static void Encode(StoredPage page, byte[] block, UnfilledPositions unfilled)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block, page.Parent);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(sizeof(int)), page.Tokens.Length);
        var tokens = block.AsSpan(2 * sizeof(int), StoredPage.HeaderLength - (2 * sizeof(int)));
        tokens.Clear();
        for (var i = 0; i < page.Tokens.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(tokens[(i * sizeof(int))..], page.Tokens.Span[i]);
        }

        var bytes = block.AsSpan(StoredPage.HeaderLength);
        new ReadOnlySpan<byte>((byte*)page.Page, bytes.Length).CopyTo(bytes);
        fixed (byte* copy = bytes)
        {
            unfilled.Clear(copy, page.Tokens.Length);
        }
    }
}
