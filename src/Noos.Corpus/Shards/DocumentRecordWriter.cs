using Noos.Core;
using Noos.Core.Storage;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Noos.Corpus.Shards;

/// <summary>
/// Writes the records of a shard's documents beside it: JSON lines in the order of the documents, <c>null</c> for one of unknown origin,
/// compressed in frames that can be read one by one. The file appears under its name only when <see cref="Complete"/> has succeeded.
/// </summary>
sealed class DocumentRecordWriter : IDisposable
{
    const int CompressionLevel = 3;

    readonly string _path;
    readonly FileStream _file;
    readonly Compressor _compressor = new(CompressionLevel);
    readonly MemoryStream _block = new();
    readonly List<long> _offsets = [0];
    long _documents;
    bool _isCompleted;

    /// <exception cref="NoosException">The file cannot be created.</exception>
    public DocumentRecordWriter(string path)
    {
        _path = path;
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        try
        {
            _file = new FileStream(TemporaryPath, FileMode.Create, FileAccess.Write, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, exception);
        }
    }

    string TemporaryPath => _path + ".tmp";

    public void Add(DocumentRecord? record)
    {
        _block.Write(record is null ? "null"u8 : record.ToJson());
        _block.WriteByte((byte)'\n');
        if (++_documents % DocumentRecordIndex.BlockLength == 0)
        {
            WriteBlock();
        }
    }

    /// <summary>Writes the index, forces everything to the disk and gives the file its name.</summary>
    /// <param name="shardHash">The <see cref="ShardFile.ContentHash"/> of the shard that the records belong to.</param>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public void Complete(ulong shardHash)
    {
        try
        {
            if (_block.Length > 0)
            {
                WriteBlock();
            }

            _file.Write(new DocumentRecordIndex(shardHash, _documents, [.. _offsets]).ToBytes());
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.Move(TemporaryPath, _path, overwrite: true);
            _isCompleted = true;
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
        _compressor.Dispose();
        _block.Dispose();
        if (!_isCompleted)
        {
            File.Delete(TemporaryPath);
        }
    }

    void WriteBlock()
    {
        var frame = _compressor.Wrap(_block.GetBuffer().AsSpan(0, (int)_block.Length));
        try
        {
            _file.Write(frame);
        }
        catch (IOException exception)
        {
            throw AtomicFile.Failure(_path, exception);
        }

        _offsets.Add(_offsets[^1] + frame.Length);
        _block.SetLength(0);
    }
}
