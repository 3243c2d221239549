using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Memory for packed weights, keys and values outside the garbage-collected heap. Decoding reads all of it for every token, so Linux is
/// asked for huge pages: fewer translations, about a tenth faster.
/// </summary>
sealed unsafe partial class LargeMemory : IDisposable
{
    const nuint HugePage = 2 << 20;
    const int AdviseHugePages = 14;

    byte* _start;

    /// <exception cref="OutOfMemoryException">The machine has not that much memory.</exception>
    public LargeMemory(long byteCount, bool isZeroed = true)
    {
        var rounded = ((nuint)byteCount + HugePage - 1) / HugePage * HugePage;
        _start = (byte*)NativeMemory.AlignedAlloc(rounded, HugePage);
        if (OperatingSystem.IsLinux())
        {
            // Without the advice, or where it is refused, everything still works.
            _ = Advise(_start, rounded, AdviseHugePages);
        }

        if (isZeroed)
        {
            NativeMemory.Clear(_start, (nuint)byteCount);
        }
    }

    public byte* Start => _start;

    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint length, int advice);
}
