using System.Runtime.CompilerServices;
using System.Text;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Index;

/// <summary>Reads files and pages into documents that can be indexed.</summary>
public static class DocumentFiles
{
    /// <summary>Bytes of the longest file.</summary>
    public const int MaxLength = 64 << 20;

    const int MaxTitleLength = 120;

    static readonly string[] s_extensions = [".txt", ".text", ".md", ".markdown"];

    /// <summary>Whether files of this name can be read.</summary>
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
        await foreach (var document in ReadAsync(content, Path.GetFileName(path), origin, cancellationToken))
        {
            yield return document;
        }
    }

    /// <summary>The documents of a content.</summary>
    /// <param name="content">From its beginning; the caller disposes of it.</param>
    /// <param name="name">What the file is called: decides the format.</param>
    /// <param name="origin">Of the file.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="NoosException">It is too long, or cannot be read.</exception>
    public static async IAsyncEnumerable<Document> ReadAsync(
        Stream content, string name, DocumentOrigin origin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!CanRead(name))
        {
            throw new NoosException($"Files such as '{name}' cannot be indexed yet; add text or Markdown.");
        }

        var bytes = await ReadAllAsync(content, name, cancellationToken);
        if (bytes.AsSpan().Contains((byte)0))
        {
            throw new NoosException(ErrorKind.Damaged, $"'{name}' is not a text; add text or Markdown.");
        }

        var text = ProseText.Clean(Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'));
        if (text.Length > 0)
        {
            yield return new Document(origin, text, TitleOf(text) ?? Path.GetFileNameWithoutExtension(name));
        }
    }

    /// <summary>The first heading of Markdown; null where there is none near the beginning.</summary>
    static string? TitleOf(string text)
    {
        var heading = text.Split('\n', 20).Take(19).FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal));
        return heading is { Length: > 2 and <= MaxTitleLength } ? heading[2..].Trim() : null;
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
