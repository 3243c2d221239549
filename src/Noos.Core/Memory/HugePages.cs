using System.Runtime.InteropServices;

namespace Noos.Core.Memory;

/// <summary>
/// Large pieces of memory outside the garbage-collected heap. Linux is asked for huge pages, because what reads all of a piece again and
/// again spends a good part of its time on translating addresses of small ones.
/// </summary>
public static unsafe partial class HugePages
{
    /// <summary>Bytes of a huge page of x86-64 and of most others.</summary>
    public const nuint Size = 2 << 20;

    const int AdviseHugePages = 14;

    /// <summary>
    /// Memory that begins at a huge page and fills whole ones; what is in it is not defined. <see cref="Free"/> gives it back.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The machine has not that much memory.</exception>
    public static byte* Allocate(nuint byteCount)
    {
        var rounded = (byteCount + Size - 1) / Size * Size;
        var start = (byte*)NativeMemory.AlignedAlloc(rounded, Size);
        if (OperatingSystem.IsLinux())
        {
            // Without the advice, or where it is refused, everything still works.
            _ = Advise(start, rounded, AdviseHugePages);
        }

        return start;
    }

    public static void Free(byte* start) => NativeMemory.AlignedFree(start);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint length, int advice);
}
