using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>Calls of the system that .NET has no method for. Linux on x86-64.</summary>
static partial class SystemCalls
{
    const int Statx = 332;
    const int NoFollow = 0x100;
    const int BasicStats = 0x7ff;

    // O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW: opening a pipe that somebody left there must not wait for its other end.
    const long OpenForReading = 0x800 | 0x80000 | 0x20000;

    // The same with O_WRONLY | O_CREAT | O_TRUNC.
    const long OpenForWriting = OpenForReading | 0x1 | 0x40 | 0x200;
    const long OwnerMayReadAndWrite = 0b110_000_000;

    // RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV.
    const long Beneath = 0x08 | 0x04 | 0x02 | 0x01;

    const int OpenFolder = 0x10000 | 0x80000 | 0x200000;
    const long LandlockVersion = 1;

    /// <summary>Who runs this program.</summary>
    public static int EffectiveUser => (int)GetEffectiveUser();

    /// <summary>The version of Landlock; 0 where the kernel has none.</summary>
    public static int LandlockAbi => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
        ? (int)Math.Max(0, Call(Syscall.LandlockCreateRuleset, 0, 0, LandlockVersion, 0, 0))
        : 0;

    /// <summary>Ends a process, or with a negative number a process group.</summary>
    public static void Kill(int process) => _ = Signal(process, Syscall.Kill);

    /// <summary>Gives a file, or a link itself, to a user.</summary>
    public static bool TryChangeOwner(string path, int user) => ChangeOwner(path, (uint)user, (uint)user) == 0;

    /// <summary>What lies at a path, links not followed.</summary>
    public static unsafe FileStatus? FindStatus(string path)
    {
        // struct statx: nlink at 16, uid 20, mode 28, size 40, mtime 112.
        var buffer = stackalloc byte[256];
        var text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            if (Call(Statx, Syscall.AtCurrentFolder, text, NoFollow, BasicStats, (nint)buffer) != 0)
            {
                return null;
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }

        var status = new ReadOnlySpan<byte>(buffer, 256);
        return new FileStatus(
            BinaryPrimitives.ReadUInt16LittleEndian(status[28..]),
            BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(status[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(status[20..]),
            (BinaryPrimitives.ReadInt64LittleEndian(status[112..]) * 1_000_000_000)
                + BinaryPrimitives.ReadInt32LittleEndian(status[120..]));
    }

    /// <summary>
    /// Opens a regular file below a folder, where code that nobody trusts may have put anything: no link is followed, whatever it does at
    /// the same time.
    /// </summary>
    /// <returns>Null where there is no such file.</returns>
    public static SafeFileHandle? OpenBeneath(string folder, string relativePath) => Open(folder, relativePath, OpenForReading, 0);

    /// <summary>Makes a regular file below a folder, or empties it, in the same way.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="relativePath">The file.</param>
    /// <param name="owner">Whose it is to be; null for the user of Noos.</param>
    /// <returns>Null where it cannot be made.</returns>
    public static SafeFileHandle? CreateBeneath(string folder, string relativePath, int? owner)
    {
        var handle = Open(folder, relativePath, OpenForWriting, OwnerMayReadAndWrite);
        if (handle is not null && owner is { } user)
        {
            _ = ChangeOwner(handle, (uint)user, (uint)user);
        }

        return handle;
    }

    static unsafe SafeFileHandle? Open(string folder, string relativePath, long flags, long mode)
    {
        var root = Open(folder, OpenFolder);
        if (root < 0)
        {
            return null;
        }

        using var rootHandle = new SafeFileHandle(root, ownsHandle: true);
        var how = stackalloc long[3] { flags, mode, Beneath };
        var text = Marshal.StringToCoTaskMemUTF8(relativePath);
        try
        {
            var file = Call(Syscall.OpenAt2, root, text, (nint)how, 24, 0);
            if (file < 0)
            {
                return null;
            }

            var handle = new SafeFileHandle((nint)file, ownsHandle: true);
            if (!IsRegular((int)file))
            {
                handle.Dispose();
                return null;
            }

            return handle;
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    static unsafe bool IsRegular(int descriptor)
    {
        const int EmptyPath = 0x1000;
        var buffer = stackalloc byte[256];
        var empty = stackalloc byte[1];
        return Call(Statx, descriptor, (nint)empty, EmptyPath, BasicStats, (nint)buffer) == 0
            && FileStatus.IsRegularMode(BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(buffer, 256)[28..]));
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial long Call(long number, long first, long second, long third, long fourth, long fifth);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Open(string path, int flags);
}
