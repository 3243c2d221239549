using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Noos.Core;
using Noos.Corpus.Reading;
using ZstdSharp;

namespace Noos.Corpus.Shards;

/// <summary>The records of a shard's documents. Reads and unpacks one frame per look-up; thread-safe.</summary>
sealed class DocumentRecordFile : IDisposable
{
    // A frame that unpacks to more is no frame of ours.
    const int MaxBlockBytes = 256 << 20;

    readonly string _path;
    readonly SafeFileHandle _file;
    readonly DocumentRecordIndex _index;

    DocumentRecordFile(string path, SafeFileHandle file, DocumentRecordIndex index)
    {
        _path = path;
        _file = file;
        _index = index;
    }

    /// <summary>Where the records of a shard lie.</summary>
    public static string PathFor(string shardPath) => Path.ChangeExtension(shardPath, ".documents.jsonl.zst");

    /// <summary>Opens the records beside a shard; null when there are none.</summary>
    /// <exception cref="NoosException">They are damaged, or belong to another shard (<see cref="ErrorKind.Damaged"/>).</exception>
    public static DocumentRecordFile? Open(ShardFile shard)
    {
        var path = PathFor(shard.Path);
        if (!File.Exists(path))
        {
            return null;
        }

        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path);
            var index = DocumentRecordIndex.Read(file, path);
            if (index.ShardHash != shard.ContentHash || index.Documents != shard.DocumentCount)
            {
                throw new NoosException(
                    ErrorKind.Damaged, $"The document records '{path}' belong to another build of the shard; build the shard again.");
            }

            return new DocumentRecordFile(path, file, index);
        }
        catch (Exception exception)
        {
            file?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new NoosException(
                    CompressedFile.KindOf(exception), $"The document records '{path}' cannot be read: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>The record of a document; null when its origin is unknown.</summary>
    /// <exception cref="NoosException">The frame is damaged (<see cref="ErrorKind.Damaged"/>).</exception>
    public DocumentRecord? Read(long document)
    {
        var (block, line) = Math.DivRem(document, DocumentRecordIndex.BlockLength);
        var compressed = new byte[_index.Offsets[block + 1] - _index.Offsets[block]];
        try
        {
            if (RandomAccess.Read(_file, compressed, _index.Offsets[block]) != compressed.Length)
            {
                throw DocumentRecordIndex.Damaged(_path);
            }

            using var decompressor = new Decompressor();
            var lines = decompressor.Unwrap(compressed, MaxBlockBytes);
            foreach (var range in lines.Split((byte)'\n'))
            {
                if (line-- == 0)
                {
                    return DocumentRecord.Parse(lines[range]);
                }
            }

            throw DocumentRecordIndex.Damaged(_path);
        }
        catch (Exception exception) when (exception is IOException or ZstdException or JsonException)
        {
            throw DocumentRecordIndex.Damaged(_path, exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
