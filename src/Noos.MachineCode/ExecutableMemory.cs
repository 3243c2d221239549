using System.Runtime.InteropServices;

namespace Noos.MachineCode;

/// <summary>
/// Executable pages that are first written and then made executable, never both at once (W^X). They stay mapped as
/// long as the program runs.
/// </summary>
public static unsafe partial class ExecutableMemory
{
    // PROT_READ, PROT_WRITE, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS of Linux.
    const int Readable = 1;
    const int Writable = 2;
    const int Executable = 4;
    const int PrivateAnonymous = 0x22;

    /// <summary>Loads code; null where the system refuses executable pages, as hardened ones do, or is not Linux.</summary>
    /// <param name="code">Code for the System V calling convention.</param>
    /// <param name="isShort">
    /// It runs for under a microsecond: then the call skips the GC transition, which blocks collections meanwhile.
    /// </param>
    public static NativeRoutine? Load(byte[] code, bool isShort)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // Whole pages, since protection is per page.
        var page = (nuint)Environment.SystemPageSize;
        var length = ((nuint)code.Length + page - 1) / page * page;
        var pages = Map(null, length, Readable | Writable, PrivateAnonymous, -1, 0);
        // MAP_FAILED
        if (pages == (void*)-1)
        {
            return null;
        }

        code.CopyTo(new Span<byte>(pages, code.Length));
        if (Protect(pages, length, Readable | Executable) == 0)
        {
            return isShort ? new ShortRoutine(pages) : new LongRoutine(pages);
        }

        // mprotect was refused (SELinux, for instance): callers fall back to intrinsics.
        _ = Unmap(pages, length);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Unmap(void* address, nuint length);

    sealed class ShortRoutine(void* start) : NativeRoutine
    {
        readonly delegate* unmanaged[SuppressGCTransition]<void*, void> _start =
            (delegate* unmanaged[SuppressGCTransition]<void*, void>)start;

        public override void Run(void* arguments) => _start(arguments);
    }

    sealed class LongRoutine(void* start) : NativeRoutine
    {
        readonly delegate* unmanaged<void*, void> _start = (delegate* unmanaged<void*, void>)start;

        public override void Run(void* arguments) => _start(arguments);
    }
}
