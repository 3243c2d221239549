using System.Buffers.Binary;
using System.Security.Cryptography;
using Noos.Core;
using Noos.Inference.KeyValues;

namespace Noos.Inference.PrefixCache;

/// <summary>
/// Reads what <see cref="KeyValueWriter"/> wrote and takes a page from the pool for each that is read. It is given bytes instead of a
/// stream, so that callers may wait for them or await them: they fill <see cref="Wanted"/> and call <see cref="Advance"/> until nothing
/// more is wanted. Used by one thread; whoever does not take over the pages must call <see cref="Discard"/>.
/// </summary>
/// <param name="source">What is read, and what to do if it is of no use; for messages.</param>
/// <param name="expected">What the header must say; number of pages and capacity are open.</param>
/// <param name="limits">What is taken over at most.</param>
/// <param name="pool">Gets back what is discarded.</param>
/// <param name="tree">Where pages come from, within the allowance.</param>
sealed unsafe class KeyValueReader(
    KeyValueSource source, KeyValueHeader expected, KeyValueLimits limits, KeyValuePages pool, PrefixTree tree) : IDisposable
{
    const int Positions = KeyValuePages.Positions;

    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] _block = new byte[Math.Max(KeyValueHeader.Length, StoredPage.HeaderLength + expected.PageBytes)];
    readonly List<StoredPage> _pages = [];
    int _read;

    /// <summary>The header, once it was read.</summary>
    public KeyValueHeader? Header { get; private set; }

    /// <summary>The pages read so far; to be used only when nothing more is wanted, since the checksum comes last.</summary>
    public IReadOnlyList<StoredPage> Pages => _pages;

    /// <summary>Where the next bytes belong; empty at the end.</summary>
    public Memory<byte> Wanted { get; private set; }

    /// <summary>Begins.</summary>
    public void Start() => Wanted = _block.AsMemory(0, KeyValueHeader.Length);

    /// <summary>Takes the bytes in <see cref="Wanted"/>.</summary>
    /// <exception cref="NoosException">They are damaged, or of another model, type or version.</exception>
    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public void Advance()
    {
        if (Header is null)
        {
            Header = Check(KeyValueHeader.Read(Wanted.Span));
        }
        else if (_read == Header.PageCount)
        {
            if (!Wanted.Span.SequenceEqual(_hash.GetHashAndReset()))
            {
                throw source.Damaged();
            }

            Wanted = default;
            return;
        }
        else
        {
            // Pages beyond the limit are read only for the checksum.
            if (_read < limits.MaxPages)
            {
                Take(Wanted.Span);
            }

            _read++;
        }

        _hash.AppendData(Wanted.Span);
        Wanted = _block.AsMemory(0, _read < Header.PageCount ? _block.Length : SHA256.HashSizeInBytes);
    }

    /// <summary>Gives all pages back.</summary>
    public void Discard()
    {
        _pages.ForEach(page => pool.Give((byte*)page.Page));
        _pages.Clear();
    }

    public void Dispose() => _hash.Dispose();

    KeyValueHeader Check(KeyValueHeader? header)
    {
        if (header is null || header.Content != expected.Content)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"{source.Name} holds nothing that this version of Noos can take over; {source.Remedy}.");
        }

        if (!header.Model.AsSpan().SequenceEqual(expected.Model))
        {
            throw new NoosException($"{source.Name} is of another model; load that model, or {source.Remedy}.");
        }

        if (header.Type != expected.Type)
        {
            throw new NoosException(
                $"{source.Name} is kept as {header.Type}, but the model was loaded for {expected.Type}; load the model for {header.Type}, "
                + $"or {source.Remedy}.");
        }

        if (!header.Adapters.AsSpan().SequenceEqual(expected.Adapters))
        {
            throw new NoosException(
                $"{source.Name} was read with other adapters or scales; give the same in the same order, or {source.Remedy}.");
        }

        // What follows depends on these numbers: nothing is taken for a count that cannot be.
        return header.PageBytes == expected.PageBytes
            && header.PageCount >= 0
            && header.Capacity >= 0
            && header.Capacity <= limits.MaxCapacity
            && (header.Content == KeyValueContent.Tree
                || (header.Capacity > 0 && header.PageCount <= (header.Capacity + Positions - 1) / Positions))
            ? header
            : throw source.Damaged();
    }

    void Take(ReadOnlySpan<byte> block)
    {
        var parent = BinaryPrimitives.ReadInt32LittleEndian(block);
        var count = BinaryPrimitives.ReadInt32LittleEndian(block[sizeof(int)..]);
        if (parent < -1 || parent >= _read || count is < 1 or > Positions || (parent >= 0 && _pages[parent].Tokens.Length < Positions))
        {
            throw source.Damaged();
        }

        if (expected.Content == KeyValueContent.Sequence && (parent != _read - 1 || (_read * Positions) + count > Header!.Capacity))
        {
            throw source.Damaged();
        }

        var tokens = new int[count];
        for (var i = 0; i < count; i++)
        {
            tokens[i] = BinaryPrimitives.ReadInt32LittleEndian(block[((2 + i) * sizeof(int))..]);
            if ((uint)tokens[i] >= (uint)limits.VocabularySize)
            {
                throw source.Damaged();
            }
        }

        var page = tree.Take();
        _pages.Add(new StoredPage(parent, tokens, (nint)page));
        block[StoredPage.HeaderLength..].CopyTo(new Span<byte>(page, (int)expected.PageBytes));
    }
}

/// <summary>What a reader accepts.</summary>
/// <param name="MaxPages">Pages that are taken over; those behind them are only checked.</param>
/// <param name="MaxCapacity">Max tokens of a sequence.</param>
/// <param name="VocabularySize">Every token is less.</param>
readonly record struct KeyValueLimits(int MaxPages, int MaxCapacity, int VocabularySize);
