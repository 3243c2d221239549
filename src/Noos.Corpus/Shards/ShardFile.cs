using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using Noos.Core;
using Noos.Corpus.Reading;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Shards;

/// <summary>
/// A shard of tokenized documents, mapped into memory, and what is known of the documents. Reading is thread-safe.
/// </summary>
public sealed unsafe class ShardFile : IDisposable
{
    readonly ShardHeader _header;
    readonly MemoryMappedFile _map;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _base;
    readonly Lazy<DocumentRecordFile?> _records;

    ShardFile(string path)
    {
        Path = path;
        // Training never asks where a document comes from, so it does not open the records either.
        _records = new(() => DocumentRecordFile.Open(this));
        var length = new FileInfo(path).Length;
        if (length == 0)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' is not a Noos shard.");    // nothing to map
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        _map = MemoryMappedFile.CreateFromFile(
            file, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
        try
        {
            _header = Validate(_base, length, path, out var bodyHash);
            ContentHash = bodyHash;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Names all tokens and document boundaries by content.</summary>
    public ulong ContentHash { get; }

    /// <summary>The <see cref="Tokenizer.Fingerprint"/> of the vocabulary the tokens belong to.</summary>
    public ulong Vocabulary => _header.Vocabulary;

    public int VocabularySize => _header.VocabularySize;

    public long TokenCount => _header.Tokens;

    public long DocumentCount => _header.Documents;

    /// <summary>Bytes of UTF-8 text in all documents; separators between them are not text.</summary>
    public long Utf8Bytes => _header.Utf8Bytes;

    /// <summary>Opens a shard after checking all of it.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), damaged, or not a shard (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public static ShardFile Open(string path)
    {
        try
        {
            return new ShardFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(CompressedFile.KindOf(exception), $"The shard '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Throws when the shard was made with another vocabulary.</summary>
    public void RequireVocabulary(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.Fingerprint != Vocabulary)
        {
            throw new NoosException($"The shard '{Path}' was made with another tokenizer; build it again with the present one.");
        }
    }

    /// <summary>Tokens of the whole shard from <paramref name="start"/> on.</summary>
    public ReadOnlySpan<ushort> Tokens(long start, int count)
    {
        if (start < 0 || count < 0 || start > TokenCount - count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"The shard has {TokenCount} tokens; asked for {count} from {start} on.");
        }

        return new ReadOnlySpan<ushort>(_base + ShardHeader.Length + (start * sizeof(ushort)), count);
    }

    /// <summary>
    /// Position of the first token (always the separator) of a document; for <see cref="DocumentCount"/> the end of all tokens.
    /// </summary>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        return Starts[document];
    }

    /// <summary>The document that a token belongs to, and where it comes from.</summary>
    /// <param name="tokenPosition">Position in the whole shard, as <see cref="Tokens"/> counts.</param>
    /// <exception cref="NoosException">
    /// The records beside the shard are damaged or belong to another shard (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public ShardDocument DocumentAt(long tokenPosition)
    {
        return GetDocument(OrdinalAt(tokenPosition));
    }

    /// <summary>The number of the document that a token belongs to, from 0.</summary>
    public long OrdinalAt(long tokenPosition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenPosition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tokenPosition, TokenCount);
        long first = 0;
        var end = DocumentCount;
        // The last document that begins at or before the token: Starts[first] <= tokenPosition < Starts[end] throughout.
        while (end - first > 1)
        {
            var middle = first + ((end - first) / 2);
            (first, end) = Starts[middle] <= tokenPosition ? (middle, end) : (first, middle);
        }

        return first;
    }

    /// <summary>A document by its number in the shard.</summary>
    /// <exception cref="NoosException">
    /// The records beside the shard are damaged or belong to another shard (<see cref="ErrorKind.Damaged"/>).
    /// </exception>
    public ShardDocument GetDocument(long ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, DocumentCount);
        var start = Starts[ordinal];
        return new ShardDocument(ordinal, start, checked((int)(Starts[ordinal + 1] - start)), _records.Value?.Read(ordinal));
    }

    public void Dispose()
    {
        if (_records.IsValueCreated)
        {
            _records.Value?.Dispose();
        }

        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    long* Starts => (long*)(_base + _header.OffsetsAt);

    /// <summary>Reads the header and checks everything behind it.</summary>
    internal static ShardHeader Validate(byte* data, long length, string path, out ulong bodyHash)
    {
        var header = ShardHeader.Read(new ReadOnlySpan<byte>(data, (int)Math.Min(length, ShardHeader.Length)), path, out bodyHash);
        var (_, vocabularySize, tokens, documents, utf8Bytes) = header;
        var plausible = tokens >= 0 && tokens <= length / sizeof(ushort) && documents >= 0 && documents <= length / sizeof(long)
            && utf8Bytes >= 0 && vocabularySize is > 0 and <= 1 << 16;
        if (!plausible || header.FileLength != length)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The shard '{path}' is cut off or damaged ({length} bytes do not fit its header); build it again.");
        }

        if (Hash(data + ShardHeader.Length, length - ShardHeader.Length) != bodyHash)
        {
            throw new NoosException(ErrorKind.Damaged, $"The shard '{path}' is damaged (its checksum does not fit); build it again.");
        }

        // The checksum proves that nothing changed since writing; these prove that what was written can be used.
        var starts = (long*)(data + header.OffsetsAt);
        var areInOrder = starts[0] == 0 && starts[documents] == tokens;
        for (long document = 0; document < documents; document++)
        {
            areInOrder &= starts[document] < starts[document + 1];
        }

        if (!areInOrder)
        {
            throw new NoosException(ErrorKind.Damaged, $"The shard '{path}' has document offsets that are not in order; build it again.");
        }

        if (tokens > 0 && Largest((ushort*)(data + ShardHeader.Length), tokens) >= vocabularySize)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"The shard '{path}' holds tokens outside its vocabulary of {vocabularySize}; build it again.");
        }

        return header;
    }

    static ulong Hash(byte* data, long length)
    {
        var hash = new XxHash3();
        for (long position = 0; position < length;)
        {
            var count = (int)Math.Min(1 << 20, length - position);
            hash.Append(new ReadOnlySpan<byte>(data + position, count));
            position += count;
        }

        return hash.GetCurrentHashAsUInt64();
    }

    static ushort Largest(ushort* tokens, long length)
    {
        ushort largest = 0;
        for (long start = 0; start < length;)
        {
            var count = (int)Math.Min(1 << 20, length - start);
            largest = Math.Max(largest, TensorPrimitives.Max(new ReadOnlySpan<ushort>(tokens + start, count)));
            start += count;
        }

        return largest;
    }
}
