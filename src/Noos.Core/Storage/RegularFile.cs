using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Noos.Core.Storage;

/// <summary>
/// A file with bytes and an end. A pipe, a device or a socket is none: opening one may wait for ever, and reading it may never end.
/// </summary>
public static partial class RegularFile
{
    // Of struct statx, which is the same on all processors: 256 bytes, the mode at 28.
    const int StatusLength = 256;
    const int ModeOffset = 28;
    const int KindMask = 0xF000;
    const int Regular = 0x8000;
    const int Folder = 0x4000;
    const int CurrentFolder = -100;
    const uint KindOnly = 1;

    /// <summary>Does nothing where the path names a regular file, a folder, or nothing at all: whoever opens it tells of those.</summary>
    /// <exception cref="NoosException">The path names a pipe, a device or a socket (Invalid).</exception>
    public static void Require(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsOther(path))
        {
            return;
        }

        throw new NoosException(
            $"'{path}' is a pipe, a device or a socket and not a file; save what it holds to a file, and name that.");
    }

    static bool IsOther(string path)
    {
        // Only what has no length can be one of them, so that for nearly all files no further call is needed.
        return OperatingSystem.IsLinux() && path.Length > 0 && !path.Contains('\0') && new FileInfo(path) is { Exists: true, Length: 0 }
            && Kind(path) is { } kind && kind is not (Regular or Folder);
    }

    static int? Kind(string path)
    {
        var status = new byte[StatusLength];
        try
        {
            return statx(CurrentFolder, path, 0, KindOnly, status) == 0
                ? BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & KindMask
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that is older than 2018.
            return null;
        }
    }

#pragma warning disable IDE1006 // Names of the C library.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int statx(int folder, string path, int flags, uint mask, [Out] byte[] status);
#pragma warning restore IDE1006
}
