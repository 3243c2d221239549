using System.Runtime.InteropServices;

namespace Noos.Core.Storage;

/// <summary>
/// Writes files that are either wholly there or not at all, after a crash and a power cut too: a temporary file in the same folder,
/// flushed to the disk, renamed over the old one, and the folder flushed. Leftovers of killed processes end in <c>.tmp</c>.
/// </summary>
public static partial class AtomicFile
{
    const int BufferSize = 1 << 20;
    const int NoSpaceUnix = 28;
    const int QuotaExceededUnix = 122;
    const int NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>Writes or replaces <paramref name="path"/>. When it fails the old file is untouched and the temporary is gone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="mode">Who may do what with it, where the system has such a thing; null for what is usual.</param>
    /// <exception cref="NoosException">
    /// <see cref="ErrorKind.OutOfMemory"/> when the disk is full, <see cref="ErrorKind.Refused"/> when the file may not be written,
    /// <see cref="ErrorKind.Internal"/> when the system cannot write it.
    /// </exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)
            ?? throw new NoosException($"'{path}' is a folder, not a file name; give the name of a file.");
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            CreateFolder(folder, mode);
            WriteDurably(temporary, write, mode);
            File.Move(temporary, path, overwrite: true);
            FlushDirectory(folder);
        }
        catch (Exception e)
        {
            // Whatever went wrong, also in the caller's own code: a temporary that stays would look like that of a killed process.
            TryDelete(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw Failure(path, e);
            }

            throw;
        }
    }

    /// <summary>
    /// Writes a file that must not exist yet and flushes it to the disk, without the rename: for files inside a folder that is itself
    /// renamed into place.
    /// </summary>
    public static void WriteDurably(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = BufferSize,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Flushes the entries of a folder to the disk: without it a rename may be forgotten in a power cut (fsync(2)).</summary>
    public static void FlushDirectory(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = open(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException(
                $"Could not open the folder '{folder}': {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }

        // Some network file systems refuse to flush a folder; the data is as safe there as it can be.
        _ = fsync(descriptor);
        _ = close(descriptor);
    }

    /// <summary>The sentence for the user about a failed write of <paramref name="path"/>.</summary>
    public static NoosException Failure(string path, Exception reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return reason switch
        {
            { HResult: NoSpaceUnix or QuotaExceededUnix or NoSpaceWindows } => new NoosException(
                ErrorKind.OutOfMemory,
                $"The disk is full: '{path}' could not be written and what was there before is untouched; free some space and try again.",
                reason),
            _ => new NoosException(
                KindOf(reason),
                $"'{path}' could not be written and what was there before is untouched; the system says: {reason.Message.TrimEnd('.')}.",
                reason),
        };
    }

    /// <summary>A folder that is made for a file of this user alone is so, too.</summary>
    static void CreateFolder(string folder, UnixFileMode? mode)
    {
        const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (mode is { } wanted && (wanted & OfOthers) == UnixFileMode.None)
        {
            PrivateFolder.Create(folder);
        }
        else
        {
            Directory.CreateDirectory(folder);
        }
    }

    // ENOSPC of Linux.
    const int NoSpaceLeft = 28;

    static ErrorKind KindOf(Exception reason) => reason switch
    {
        UnauthorizedAccessException => ErrorKind.Refused,

        // A part of the path is a file, or the name is too long: another path is needed.
        DirectoryNotFoundException or PathTooLongException => ErrorKind.Invalid,
        // A full disk, or a file where a folder should be: the machine or the path, never Noos itself.
        IOException when (reason.HResult & 0xFFFF) == NoSpaceLeft => ErrorKind.OutOfMemory,
        _ => ErrorKind.Invalid,
    };

    static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }

#pragma warning disable IDE1006 // Names of the C library.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int close(int descriptor);
#pragma warning restore IDE1006
}
