using System.Globalization;
using System.Text;
using Noos.Core;

namespace Noos.Kernel.Processes;

/// <summary>Keeps the files that people give to a conversation in its folder, where its tools read them. Thread-safe.</summary>
public static class GivenFiles
{
    /// <summary>Bytes of a file, where nobody says otherwise.</summary>
    public const long UsualMaxLength = 1L << 30;

    const int MaxNameLength = 120;
    const int MaxCopies = 10_000;
    const int BufferLength = 1 << 17;

    /// <summary>
    /// Copies a file into a folder. It appears there whole or not at all, under its name, or "name (2).csv" where another has that.
    /// </summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="name">What it is called; folders and odd characters in it are left out.</param>
    /// <param name="content">From its beginning, copied as it comes.</param>
    /// <param name="maxLength">Bytes.</param>
    /// <param name="cancellationToken">Stops the copying: nothing stays.</param>
    /// <exception cref="NoosException">
    /// It is longer (Refused), or the disk is full (OutOfMemory) or may not be written (Refused).
    /// </exception>
    public static async Task<GivenFile> StoreAsync(
        string folder, string name, Stream content, long maxLength = UsualMaxLength, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(content);
        name = CleanName(name);
        // Hidden, so that no tool sees it half.
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            long length;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1))
            {
                length = await CopyAsync(content, file, name, maxLength, cancellationToken);
            }

            return Place(temporary, folder, name) is { } path
                ? new GivenFile(Path.GetFileName(path), path, length)
                : throw new NoosException(ErrorKind.Refused, $"There are too many files called '{name}'; give it another name.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                exception is UnauthorizedAccessException ? ErrorKind.Refused : ErrorKind.OutOfMemory,
                $"'{name}' cannot be kept; check the space and the permissions of '{folder}'.", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The files that were given, by their names.</summary>
    public static IReadOnlyList<GivenFile> List(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. new DirectoryInfo(folder).EnumerateFiles().Where(file => !file.Name.StartsWith('.') && file.LinkTarget is null)
            .OrderBy(file => file.Name, StringComparer.OrdinalIgnoreCase)
            .Select(file => new GivenFile(file.Name, file.FullName, file.Length)),
    ];

    /// <summary>Copies all files of a folder into another.</summary>
    internal static void Copy(string from, string to)
    {
        if (!Directory.Exists(from))
        {
            return;
        }

        Directory.CreateDirectory(to);
        foreach (var file in List(from))
        {
            File.Copy(file.Path, Path.Combine(to, file.Name));
        }
    }

    /// <summary>A name that is one in every file system, and cannot lead out of its folder.</summary>
    public static string CleanName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var isOdd = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            clean.Append(isOdd || rune.Value is '<' or '>' or ':' or '"' or '|' or '?' or '*' or 0xFFFD ? "_" : rune.ToString());
        }

        // A dot in front hides a file, and one at the end is dropped by Windows.
        name = clean.ToString().Trim().TrimStart('.').TrimEnd('.', ' ');
        var extension = Path.GetExtension(name);
        extension = extension.Length > 16 ? "" : extension;
        return name.Length == 0 ? "file"
            : name.Length <= MaxNameLength ? name
            : name[..(MaxNameLength - extension.Length)].TrimEnd('.', ' ') + extension;
    }

    static async Task<long> CopyAsync(Stream content, FileStream file, string name, long maxLength, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferLength];
        var length = 0L;
        while (await ReadAsync(content, buffer, name, cancellationToken) is > 0 and var count)
        {
            length += count;
            if (length > maxLength)
            {
                throw new NoosException(
                    ErrorKind.Refused,
                    $"'{name}' is longer than the {maxLength >> 20} MiB that a file may have here (--max-file); give a smaller one.");
            }

            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return length;
    }

    static async Task<int> ReadAsync(Stream content, byte[] buffer, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException exception)
        {
            throw new NoosException(ErrorKind.Unavailable, $"'{name}' could not be read to its end; try again.", exception);
        }
    }

    static string? Place(string temporary, string folder, string name)
    {
        for (var copy = 1; copy <= MaxCopies; copy++)
        {
            var path = Path.Combine(folder, copy == 1
                ? name
                : string.Create(
                    CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)} ({copy}){Path.GetExtension(name)}"));
            if (File.Exists(path) || Directory.Exists(path))
            {
                continue;
            }

            try
            {
                File.Move(temporary, path);
                return path;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Somebody else was faster.
            }
        }

        return null;
    }
}
