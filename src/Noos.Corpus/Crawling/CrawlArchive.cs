using System.Globalization;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Archive;
using Noos.Corpus.Crawling.Scheduling;

namespace Noos.Corpus.Crawling;

/// <summary>
/// The WARC files of a crawl, and their indexes: one file that grows, and beside every file that is finished its CDXJ. What was written
/// behind the length that the frontier knows was never acknowledged, and goes. Not thread-safe.
/// </summary>
sealed class CrawlArchive : IDisposable
{
    /// <summary>The index of all files.</summary>
    public const string IndexName = "index.cdxj";

    static readonly string[] s_extensions = [".warc.gz", ".warc.zst"];

    readonly string _folder;
    readonly CrawlOptions _options;
    readonly TimeProvider _timeProvider;
    readonly string _name;
    FileStream? _file;

    CrawlArchive(string folder, CrawlOptions options, TimeProvider timeProvider, string name) =>
        (_folder, _options, _timeProvider, _name) = (folder, options, timeProvider, name);

    /// <summary>The file that is being written, and its length; null before the first record.</summary>
    public ArchivePosition? Position => _file is null ? null : new ArchivePosition(Path.GetFileName(_file.Name), _file.Length, IsFull);

    /// <summary>Bytes that were written in this run.</summary>
    public long Written { get; private set; }

    /// <summary>Goes on where the frontier knows the archive to end.</summary>
    public static CrawlArchive Open(
        string folder, IReadOnlyList<ArchivePosition> files, CrawlOptions options, TimeProvider timeProvider, int? partition = null)
    {
        // Files of one crawl have different names, since an index names them by these.
        var name = partition is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{options.Agent}-p{number:0000}") : options.Agent;
        var archive = new CrawlArchive(folder, options, timeProvider, name);
        foreach (var path in FindFiles(folder))
        {
            // Begun and never acknowledged.
            if (!files.Any(file => file.File == Path.GetFileName(path)))
            {
                File.Delete(path);
            }
        }

        foreach (var position in files.Where(file => !file.IsFinished))
        {
            var path = Path.Combine(folder, position.File);
            if (!File.Exists(path) || new FileInfo(path).Length < position.Length)
            {
                throw new NoosException(
                    ErrorKind.Damaged,
                    $"The archive '{path}' is shorter than what was written to it; start the crawl anew in another folder.");
            }

            if (!path.EndsWith(archive.Extension, StringComparison.Ordinal))
            {
                throw new NoosException(
                    ErrorKind.Refused,
                    $"The crawl in '{folder}' has begun '{position.File}'; go on with the same compression, or crawl into another folder.");
            }

            archive._file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            archive._file.SetLength(position.Length);
            archive._file.Seek(0, SeekOrigin.End);
        }

        return archive;
    }

    /// <summary>Appends records and waits until they are on the disk.</summary>
    public void Append(IEnumerable<byte[]> records)
    {
        var isDirty = false;
        foreach (var record in records)
        {
            _file ??= Begin();
            _file.Write(record);
            Written += record.Length;
            isDirty = true;
        }

        if (isDirty)
        {
            _file!.Flush(flushToDisk: true);
        }
    }

    /// <summary>Whether the next record belongs into another file.</summary>
    public bool IsFull => _file?.Length >= _options.MaxFileBytes;

    /// <summary>Finishes the file: nothing is added any more.</summary>
    /// <returns>What the frontier must know; null where there is none.</returns>
    public ArchivePosition? End()
    {
        var position = Position;
        _file?.Dispose();
        _file = null;
        return position is null ? null : position with { IsFinished = true };
    }

    /// <summary>Writes the indexes that are not there yet, and one of all files.</summary>
    public static void WriteIndexes(string folder)
    {
        var files = FindFiles(folder);
        var isNew = false;
        foreach (var path in files)
        {
            if (!File.Exists(IndexOf(path)))
            {
                CdxjIndexer.Write(IndexOf(path), CdxjIndexer.Index(path));
                isNew = true;
            }
        }

        if (isNew)
        {
            CdxjMerge.Write(Path.Combine(folder, IndexName), [.. files.Select(IndexOf)]);
        }
    }

    public void Dispose() => _file?.Dispose();

    string Extension => s_extensions[(int)_options.Compression];

    static string[] FindFiles(string folder) =>
        [.. s_extensions.SelectMany(extension => Directory.GetFiles(folder, $"*{extension}")).Order(StringComparer.Ordinal)];

    static string IndexOf(string path) => path[..path.LastIndexOf(".warc.", StringComparison.Ordinal)] + ".cdxj";

    FileStream Begin()
    {
        var time = _timeProvider.GetUtcNow();
        var number = FindFiles(_folder).Length;
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{_name}-{number:00000}-{time.UtcDateTime:yyyyMMddHHmmss}{Extension}");
        var file = new FileStream(Path.Combine(_folder, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        AtomicFile.FlushDirectory(_folder);
        var fields = new HeaderList();
        fields.Add("software", "Noos");
        fields.Add("format", "WARC File Format 1.1");
        fields.Add("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/");
        fields.Add("robots", "RFC 9309");
        fields.Add("http-header-user-agent", _options.UserAgent);
        file.Write(WarcRecordBuilder.WarcInfo(name, time, fields, _options.Compression));
        return file;
    }
}
