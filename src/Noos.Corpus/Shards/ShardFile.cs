using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using Noos.Core;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Shards;

/// <summary>A shard of tokenized documents, mapped into memory. Reading is thread-safe.</summary>
public sealed unsafe class ShardFile : IDisposable
{
    readonly ShardHeader _header;
    readonly MemoryMappedFile _map;
    readonly MemoryMappedViewAccessor _view;
    readonly byte* _base;

    ShardFile(string path)
    {
        Path = path;
        var length = new FileInfo(path).Length;
        if (length == 0)
        {
            throw new NoosException($"'{path}' is not a Noos shard.");    // nothing to map
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        _map = MemoryMappedFile.CreateFromFile(file, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
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
    /// <exception cref="NoosException">The file is missing, damaged, or not a shard.</exception>
    public static ShardFile Open(string path)
    {
        try
        {
            return new ShardFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException($"The shard '{path}' cannot be read: {exception.Message}", exception);
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

    /// <summary>Position of the first token (always the separator) of a document; for <see cref="DocumentCount"/> the end of all tokens.</summary>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        return Starts[document];
    }

    /// <summary>The tokens of a document, its separator first.</summary>
    public ReadOnlySpan<ushort> Document(long document)
    {
        var start = DocumentStart(document);
        return Tokens(start, checked((int)(DocumentStart(document + 1) - start)));
    }

    public void Dispose()
    {
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
            throw new NoosException($"The shard '{path}' is cut off or damaged ({length} bytes do not fit its header); build it again.");
        }

        if (Hash(data + ShardHeader.Length, length - ShardHeader.Length) != bodyHash)
        {
            throw new NoosException($"The shard '{path}' is damaged (its checksum does not fit); build it again.");
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
            throw new NoosException($"The shard '{path}' has document offsets that are not in order; build it again.");
        }

        if (tokens > 0 && Largest((ushort*)(data + ShardHeader.Length), tokens) >= vocabularySize)
        {
            throw new NoosException($"The shard '{path}' holds tokens outside its vocabulary of {vocabularySize}; build it again.");
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
