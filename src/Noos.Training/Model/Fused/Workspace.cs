using System.Runtime.InteropServices;

namespace Noos.Training.Model.Fused;

/// <summary>Aligned native memory, taken once: a training step allocates nothing.</summary>
sealed unsafe partial class Workspace : IDisposable
{
    const int Alignment = 64;
    const nuint HugePage = 2 << 20;
    const int AdviseHugePages = 14;

    readonly List<nint> _pieces = [];

    /// <summary>Zeroed memory for so many floats, aligned to a cache line; lives as long as this workspace.</summary>
    public float* Take(long length)
    {
        var bytes = (nuint)(((length * sizeof(float)) + Alignment - 1) / Alignment * Alignment);
        var isLarge = bytes >= HugePage / 2;
        if (isLarge)
        {
            bytes = (bytes + HugePage - 1) / HugePage * HugePage;
        }

        var piece = (float*)NativeMemory.AlignedAlloc(bytes, isLarge ? HugePage : Alignment);
        if (isLarge && OperatingSystem.IsLinux())
        {
            // A few percent of a training step; where the advice is refused, everything still works.
            _ = Advise(piece, bytes, AdviseHugePages);
        }

        NativeMemory.Clear(piece, bytes);
        _pieces.Add((nint)piece);
        return piece;
    }

    public void Dispose()
    {
        foreach (var piece in _pieces)
        {
            NativeMemory.AlignedFree((void*)piece);
        }

        _pieces.Clear();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* address, nuint length, int advice);
}
