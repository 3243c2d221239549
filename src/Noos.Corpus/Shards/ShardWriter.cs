using System.IO.Hashing;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Shards;

/// <summary>
/// Writes a shard document by document, and beside it what is known of the documents. The files appear under their names only when
/// <see cref="Complete"/> has succeeded.
/// </summary>
public sealed class ShardWriter : IDisposable
{
    readonly string _path;
    readonly Tokenizer _tokenizer;
    readonly FileStream _file;
    readonly XxHash3 _hash = new();
    readonly List<long> _starts = [];
    readonly List<int> _encoded = [];
    DocumentRecordWriter? _records;
    ushort[] _buffer = new ushort[1 << 14];
    long _tokens;
    long _utf8Bytes;
    bool _completed;

    /// <exception cref="NoosException">The vocabulary does not fit 16 bits, or the file cannot be created.</exception>
    public ShardWriter(string path, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.VocabularySize > 1 << 16)
        {
            throw new NoosException(
                $"A shard holds tokens of 16 bits, too few for a vocabulary of {tokenizer.VocabularySize}; use one of at most 65,536.");
        }

        _path = path;
        _tokenizer = tokenizer;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _file = new FileStream(TemporaryPath, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 18);
            _file.Write(new byte[ShardHeader.Length]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, exception);
        }
    }

    public long DocumentCount => _starts.Count;

    public long TokenCount => _tokens;

    /// <summary>Bytes of UTF-8 text in all documents: what bits per byte are counted against.</summary>
    public long Utf8Bytes => _utf8Bytes;

    public ShardSize Size => new(DocumentCount, TokenCount, Utf8Bytes);

    string TemporaryPath => _path + ".tmp";

    /// <summary>Adds a document: <c>&lt;|endoftext|&gt;</c>, then the tokens of the text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="record">Where it comes from; null when that is not known.</param>
    public void Add(ReadOnlySpan<byte> utf8, DocumentRecord? record = null)
    {
        if (record is not null && _records is null)
        {
            _records = new DocumentRecordWriter(DocumentRecordFile.PathFor(_path));
            for (var document = 0; document < _starts.Count; document++)
            {
                _records.Add(null);     // those before it
            }
        }

        _records?.Add(record);
        _encoded.Clear();
        _encoded.Add(_tokenizer.EndOfText);
        _tokenizer.Encode(utf8, _encoded);
        if (_buffer.Length < _encoded.Count)
        {
            _buffer = new ushort[_encoded.Count * 2];
        }

        for (var index = 0; index < _encoded.Count; index++)
        {
            _buffer[index] = (ushort)_encoded[index];
        }

        _starts.Add(_tokens);
        Write(MemoryMarshal.AsBytes(_buffer.AsSpan(0, _encoded.Count)));
        _tokens += _encoded.Count;
        _utf8Bytes += utf8.Length;
    }

    /// <summary>Writes offsets and header, forces everything to the disk and gives the file its name.</summary>
    public void Complete()
    {
        try
        {
            var header = new ShardHeader(_tokenizer.Fingerprint, _tokenizer.VocabularySize, _tokens, _starts.Count, _utf8Bytes);
            Write(new byte[(int)(header.OffsetsAt - ShardHeader.Length - (_tokens * sizeof(ushort)))]);
            Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_starts)));
            Write(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in _tokens)));
            Span<byte> bytes = stackalloc byte[ShardHeader.Length];
            var contentHash = _hash.GetCurrentHashAsUInt64();
            header.Write(bytes, contentHash);
            _file.Seek(0, SeekOrigin.Begin);
            _file.Write(bytes);
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            CompleteRecords(contentHash);
            File.Move(TemporaryPath, _path, overwrite: true);
            AtomicFile.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            _completed = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(_path, exception);
        }
    }

    /// <summary>Without <see cref="Complete"/>, removes what was written.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _records?.Dispose();
        if (!_completed)
        {
            File.Delete(TemporaryPath);
        }
    }

    // Before the shard gets its name, so that no shard is ever without its records. Those of an older shard must not stay behind.
    void CompleteRecords(ulong contentHash)
    {
        if (_records is null)
        {
            File.Delete(DocumentRecordFile.PathFor(_path));
            return;
        }

        _records.Complete(contentHash);
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        try
        {
            _file.Write(bytes);
        }
        catch (IOException exception)
        {
            throw AtomicFile.Failure(_path, exception);
        }
    }
}
