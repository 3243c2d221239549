using Noos.Core;
using Noos.Core.Storage;
using ZstdSharp;

namespace Noos.Corpus.Reading;

/// <summary>Files that may be compressed with Zstandard: <c>.zst</c> in the name decides.</summary>
public static class CompressedFile
{
    /// <summary>Opens a file for reading; a name that ends in <c>.zst</c> is decompressed on the way.</summary>
    /// <exception cref="NoosException">
    /// The file is missing (<see cref="ErrorKind.NotFound"/>), may not be read (<see cref="ErrorKind.Refused"/>), or the disk fails
    /// (<see cref="ErrorKind.Unavailable"/>).
    /// </exception>
    public static Stream OpenRead(string path)
    {
        try
        {
            RegularFile.Require(path);
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return IsZstandard(path) ? new DecompressionStream(file, leaveOpen: false) : file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(KindOf(exception), $"The file '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a file that appears whole or not at all; a name that ends in <c>.zst</c> is compressed.</summary>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        AtomicFile.Write(path, file =>
        {
            if (!IsZstandard(path))
            {
                write(file);
                return;
            }

            using var compressed = new CompressionStream(file, level: 10, leaveOpen: true);
            write(compressed);
        });
    }

    /// <summary>The kind of a failure to open a file.</summary>
    internal static ErrorKind KindOf(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => ErrorKind.NotFound,
        UnauthorizedAccessException => ErrorKind.Refused,
        _ => ErrorKind.Unavailable,
    };

    static bool IsZstandard(string path) => path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase);
}
