using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Extraction;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Index;

/// <summary>Reads files and pages into documents that can be indexed.</summary>
public static class DocumentFiles
{
    /// <summary>Bytes of the longest file.</summary>
    public const int MaxLength = 64 << 20;

    const string HtmlFormat = "html";

    // A price list at the edge may be what is looked for.
    const float PageThreshold = 0.3f;

    // What a folder holds besides is no reading.
    static readonly string[] s_extensions =
    [
        ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".xlsx", ".pptx", ".epub", ".csv", ".tsv", ".json",
        ".jsonl",
    ];

    static readonly DocumentReaderRegistry s_readers = DocumentReaderRegistry.CreateForFiles();

    /// <summary>Whether files of this name are taken out of a folder.</summary>
    public static bool CanRead(string name) =>
        s_extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>The files in a folder and those within it that can be read, in alphabetical order; hidden ones are passed over.</summary>
    public static IEnumerable<string> FindAll(string folder) => Directory
        .EnumerateFiles(folder, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        })
        .Where(path => CanRead(path) && !Path.GetRelativePath(folder, path).Split('/', '\\').Any(part => part.StartsWith('.')))
        .Order(StringComparer.Ordinal);

    /// <summary>The documents of a file.</summary>
    /// <exception cref="NoosException">It is missing, too long, or cannot be read.</exception>
    public static async IAsyncEnumerable<Document> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var content = CompressedFile.OpenRead(path);
        var origin = new DocumentOrigin("files", path) { FetchedAt = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero) };
        await foreach (var document in ReadAsync(content, Path.GetFileName(path), origin, cancellationToken: cancellationToken))
        {
            yield return document;
        }
    }

    /// <summary>The documents of a content.</summary>
    /// <param name="content">From its beginning; the caller disposes of it.</param>
    /// <param name="name">What the file is called: decides the format where the content does not.</param>
    /// <param name="origin">Of the file.</param>
    /// <param name="charset">The encoding that a server names; null where nobody does.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="NoosException">It is too long, or cannot be read.</exception>
    public static async IAsyncEnumerable<Document> ReadAsync(
        Stream content, string name, DocumentOrigin origin, string? charset = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var whole = new MemoryStream(await ReadAllAsync(content, name, cancellationToken), writable: false);
        var format = FileFormats.Find(whole, name);
        if (format.Refusal is not null)
        {
            throw new NoosException(ErrorKind.Refused, format.Refuse(name)!);
        }

        var file = Path.GetFileNameWithoutExtension(name);
        if (format.Name == HtmlFormat && ReadPage(whole.ToArray(), charset, origin) is { } page)
        {
            yield return page with { Title = page.Title ?? file };
            yield break;
        }

        await foreach (var document in s_readers.Get(format.Name).ReadAsync(whole, origin, cancellationToken))
        {
            var text = ProseText.Clean(document.Text);
            if (text.Length > 0)
            {
                // Pages and sheets are called by their place, lines by the file alone.
                var title = document.Title
                    ?? (document.Place is { } place && (place.Unit != "line" || place.Within is not null) ? $"{file}, {place}" : file);
                yield return document with { Text = text, Title = title };
            }
        }
    }

    /// <summary>The content of a page without its frame: menus are found for every word that is in them. Null where it has none.</summary>
    static Document? ReadPage(byte[] content, string? charset, DocumentOrigin origin)
    {
        var options = new ExtractionOptions { Links = LinkStyle.None, Threshold = PageThreshold };
        if (content.Length > options.MaxLength)
        {
            return null;
        }

        var address = Uri.TryCreate(origin.Address, UriKind.Absolute, out var known) && !known.IsFile ? known : null;
        var page = HtmlExtractor.Extract(content, charset, address, options);
        return ProseText.Clean(page.Markdown) is { Length: > 0 } text ? new Document(origin, text, page.Title) : null;
    }

    static async Task<byte[]> ReadAllAsync(Stream content, string name, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > MaxLength)
            {
                throw new NoosException(ErrorKind.Refused, $"'{name}' is longer than {MaxLength >> 20} MiB; cut it into smaller files.");
            }

            read.Write(buffer, 0, count);
        }

        return read.ToArray();
    }
}
