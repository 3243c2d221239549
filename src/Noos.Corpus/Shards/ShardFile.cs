using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using Noos.Language;
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
        if (length < ShardHeader.Length)
        {
            throw new NoosException($"'{path}' is not a Noos shard.");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        _map = MemoryMappedFile.CreateFromFile(file, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
        try
        {
            _header = ShardHeader.Read(new ReadOnlySpan<byte>(_base, ShardHeader.Length), path, out var bodyHash);
            ContentHash = bodyHash;
            Validate(length, bodyHash);
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

    void Validate(long length, ulong bodyHash)
    {
        var (_, vocabularySize, tokens, documents, utf8Bytes) = _header;
        var plausible = tokens >= 0 && tokens <= length / sizeof(ushort) && documents >= 0 && documents <= length / sizeof(long)
            && utf8Bytes >= 0 && vocabularySize is > 0 and <= 1 << 16;
        if (!plausible || _header.FileLength != length)
        {
            throw new NoosException($"The shard '{Path}' is cut off or damaged ({length} bytes do not fit its header); build it again.");
        }

        var hash = new XxHash3();
        for (long position = ShardHeader.Length; position < length;)
        {
            var count = (int)Math.Min(1 << 20, length - position);
            hash.Append(new ReadOnlySpan<byte>(_base + position, count));
            position += count;
        }

        if (hash.GetCurrentHashAsUInt64() != bodyHash)
        {
            throw new NoosException($"The shard '{Path}' is damaged (its checksum does not fit); build it again.");
        }

        // The checksum proves that nothing changed since writing; these prove that what was written can be used.
        for (long document = 0; document <= documents; document++)
        {
            var expectedBelow = document == documents ? tokens : Starts[document + 1] - 1;
            if (Starts[document] < 0 || Starts[document] > expectedBelow || (document == 0 && Starts[0] != 0) || (document == documents && Starts[document] != tokens))
            {
                throw new NoosException($"The shard '{Path}' has document offsets that are not in order; build it again.");
            }
        }

        if (tokens > 0 && Largest(tokens) >= vocabularySize)
        {
            throw new NoosException($"The shard '{Path}' holds tokens outside its vocabulary of {vocabularySize}; build it again.");
        }
    }

    ushort Largest(long tokens)
    {
        ushort largest = 0;
        for (long start = 0; start < tokens;)
        {
            var count = (int)Math.Min(1 << 20, tokens - start);
            largest = Math.Max(largest, System.Numerics.Tensors.TensorPrimitives.Max(Tokens(start, count)));
            start += count;
        }

        return largest;
    }
}
