using Noos.Core;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents;

/// <summary>A file that somebody gave, open for reading. For one reader at a time.</summary>
public sealed class DocumentFile : IDisposable
{
    readonly Stream _content;
    readonly IDocumentReader? _reader;
    readonly DocumentOrigin _origin;

    DocumentFile(Stream content, string name, FileFormat format, IDocumentReader? reader)
    {
        (_content, _reader, Name, Format, Length) = (content, reader, name, format, content.Length);
        _origin = new DocumentOrigin("file", name);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>What it is, by its content.</summary>
    public FileFormat Format { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="readers">Those that may read it.</param>
    /// <param name="name">What it is called; null for the name in the path.</param>
    /// <exception cref="NoosException">It is not there (NotFound), or may not be read (Refused).</exception>
    public static DocumentFile Open(string path, DocumentReaderRegistry readers, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        name ??= Path.GetFileName(path);
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
            {
                throw Directory.Exists(path)
                    ? new NoosException($"'{name}' is a folder; name a file in it.")
                    : new NoosException(ErrorKind.NotFound, $"There is no file '{name}'.");
            }

            // A pipe or a device has no length, and opening one may wait for ever: it is as good as empty.
            Stream content = info.Length == 0
                ? new MemoryStream()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            return Open(content, name, readers);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                CompressedFile.KindOf(exception), $"'{name}' cannot be read; check that it is there and may be read.", exception);
        }
    }

    /// <summary>Opens a file that is there as a stream.</summary>
    /// <param name="content">Can seek, from its beginning. Owned from now on.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="readers">Those that may read it.</param>
    public static DocumentFile Open(Stream content, string name, DocumentReaderRegistry readers)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(readers);
        try
        {
            var format = FileFormats.Find(content, name);
            return new DocumentFile(content, name, format, format.Refusal is null ? readers.Get(format.Name) : null);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Its documents, from the beginning or from a place on (see <see cref="IDocumentReader.ReadFromAsync"/>).</summary>
    /// <exception cref="NoosException">It is damaged (Damaged), of a format that is not read, too large or protected (Refused).</exception>
    public IAsyncEnumerable<Document> ReadAsync(DocumentPlace? from = null, CancellationToken cancellationToken = default)
    {
        var reader = RequireReader();
        _content.Position = 0;
        return from is null
            ? reader.ReadAsync(_content, _origin, cancellationToken)
            : reader.ReadFromAsync(_content, _origin, from, cancellationToken);
    }

    /// <summary>What it tells of its contents without being read; null where only reading tells.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public DocumentOutline? ReadOutline()
    {
        var reader = RequireReader();
        _content.Position = 0;
        return reader.ReadOutline(_content, _origin);
    }

    public void Dispose() => _content.Dispose();

    IDocumentReader RequireReader() => _reader ?? throw new NoosException(ErrorKind.Refused, Format.Refuse(Name)!);
}
