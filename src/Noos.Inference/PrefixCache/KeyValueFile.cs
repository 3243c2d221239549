using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// The pages of a prefix tree in a file, little-endian. Header: magic, fingerprint of the model, type, positions per page, number of
/// pages, bytes per page. Then every page: the index of its parent page or -1, its 32 tokens, its bytes as they lie in memory. At the
/// end the SHA-256 of all before. A page comes after its parent; otherwise the most recently used come first, so that a reader with less
/// memory can stop early.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="fingerprint">Of the model, 32 bytes.</param>
/// <param name="pages">Where pages come from.</param>
/// <param name="tree">What is saved and restored.</param>
sealed unsafe class KeyValueFile(string path, byte[] fingerprint, KeyValuePages pages, PrefixTree tree)
{
    const int Positions = KeyValuePages.Positions;
    const int TypePlace = 8 + SHA256.HashSizeInBytes;
    const int HeaderLength = TypePlace + (3 * sizeof(int)) + sizeof(long);
    // The index of the parent page, and the tokens.
    const int PageHeaderLength = sizeof(int) + (Positions * sizeof(int));

    // Raise the number when the layout of pages changes or keys and values are computed in another way.
    static ReadOnlySpan<byte> Mark => "NOOSKV02"u8;

    /// <summary>Writes the pages, as many as the tree keeps for later.</summary>
    /// <returns>Number of pages.</returns>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public int Save()
    {
        var nodes = tree.HoldAll();
        try
        {
            AtomicFile.Write(path, stream => Write(nodes, stream));
            return nodes.Count;
        }
        finally
        {
            tree.ReleaseAll(nodes);
        }
    }

    /// <summary>Takes over the pages of the file, all or none.</summary>
    /// <returns>Number of pages.</returns>
    /// <exception cref="NoosException">The file is missing, damaged, or of another model or type.</exception>
    public int Restore()
    {
        var read = new List<(int Parent, int[] Tokens, nint Page)>();
        try
        {
            using (var stream = File.OpenRead(path))
            {
                Read(stream, read);
            }
        }
        catch (Exception e)
        {
            // All or none: nothing was published yet, so every page taken goes back.
            read.ForEach(page => pages.Give((byte*)page.Page));
            throw e switch
            {
                EndOfStreamException => Damaged(),
                FileNotFoundException or DirectoryNotFoundException =>
                    new NoosException(
                        ErrorKind.NotFound, $"There is no file '{path}' of keys and values; the conversation must be read again.", e),
                IOException or UnauthorizedAccessException =>
                    new NoosException(ErrorKind.Refused,
                        $"The keys and values in '{path}' cannot be read; the system says: {e.Message.TrimEnd('.')}.", e),
                OutOfMemoryException =>
                    new NoosException(ErrorKind.OutOfMemory,
                        $"There is not enough memory for the keys and values in '{path}'; use a smaller limit for common beginnings.", e),
                NoosException => e,
                _ => new NoosException(ErrorKind.Internal, $"The keys and values in '{path}' cannot be used; delete the file.", e),
            };
        }

        var nodes = new List<PrefixNode>();
        foreach (var (parent, tokens, page) in read)
        {
            nodes.Add(tree.Publish(parent < 0 ? null : nodes[parent], tokens, (byte*)page));
        }

        tree.ReleaseAll(nodes);
        return nodes.Count;
    }

    void Write(IReadOnlyList<PrefixNode> nodes, Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Put(Header(nodes.Count));
        var numbers = new Dictionary<PrefixNode, int>();
        Span<byte> header = stackalloc byte[PageHeaderLength];
        foreach (var node in nodes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header, numbers.GetValueOrDefault(node.Parent!, -1));
            for (var i = 0; i < Positions; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(header[((i + 1) * sizeof(int))..], node.Tokens[i]);
            }

            Put(header);
            Put(new ReadOnlySpan<byte>(node.Page, (int)pages.PageBytes));
            numbers.Add(node, numbers.Count);
        }

        stream.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    void Read(FileStream stream, List<(int Parent, int[] Tokens, nint Page)> read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[HeaderLength];
        Get(header);
        var count = Check(header, stream.Length);
        Span<byte> pageHeader = stackalloc byte[PageHeaderLength];
        var wanted = Math.Min(count, tree.MaxUnused);
        for (var number = 0; number < wanted; number++)
        {
            Get(pageHeader);
            var parent = BinaryPrimitives.ReadInt32LittleEndian(pageHeader);
            if (parent < -1 || parent >= number)
            {
                throw Damaged();
            }

            var page = pages.Take();
            read.Add((parent, Tokens(pageHeader[sizeof(int)..]), (nint)page));
            Get(new Span<byte>(page, (int)pages.PageBytes));
        }

        // Pages beyond the limit are read only for the checksum.
        var rest = new byte[PageHeaderLength + (int)pages.PageBytes];
        for (var number = wanted; number < count; number++)
        {
            Get(rest);
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(expected);
        if (!expected.SequenceEqual(hash.GetHashAndReset()))
        {
            throw Damaged();
        }

        void Get(Span<byte> bytes)
        {
            stream.ReadExactly(bytes);
            hash.AppendData(bytes);
        }
    }

    byte[] Header(int count)
    {
        var header = new byte[HeaderLength];
        Mark.CopyTo(header);
        fingerprint.CopyTo(header.AsSpan(Mark.Length));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(TypePlace), (int)pages.Type);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(TypePlace + 4), Positions);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(TypePlace + 8), count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(TypePlace + 12), pages.PageBytes);
        return header;
    }

    /// <returns>The number of pages, which the file is long enough for.</returns>
    int Check(ReadOnlySpan<byte> header, long fileLength)
    {
        if (!header.StartsWith(Mark))
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' holds no keys and values that this version of Noos can read; delete it.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(header[(TypePlace + 8)..]);
        if (!header[Mark.Length..TypePlace].SequenceEqual(fingerprint))
        {
            throw new NoosException($"The keys and values in '{path}' are of another model; delete the file, or load that model.");
        }

        var type = (KeyValueType)BinaryPrimitives.ReadInt32LittleEndian(header[TypePlace..]);
        if (type != pages.Type)
        {
            throw new NoosException(
                $"The keys and values in '{path}' are kept as {type}, but the model was loaded for {pages.Type}; delete the file, or "
                + $"load the model for {type}.");
        }

        var expectedLength = HeaderLength + ((Int128)count * (PageHeaderLength + pages.PageBytes)) + SHA256.HashSizeInBytes;
        return header.SequenceEqual(Header(count)) && count >= 0 && fileLength == expectedLength ? count : throw Damaged();
    }

    static int[] Tokens(ReadOnlySpan<byte> bytes)
    {
        var tokens = MemoryMarshal.Cast<byte, int>(bytes).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(tokens, tokens);
        }

        return tokens;
    }

    NoosException Damaged() =>
        new(ErrorKind.Damaged, $"The file '{path}' of keys and values is damaged, so nothing of it was used; delete it.");
}
