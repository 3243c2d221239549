using System.Runtime.InteropServices;

namespace Noos.Training.Model.Fused;

/// <summary>Aligned native memory, taken once: a training step allocates nothing.</summary>
sealed unsafe class Workspace : IDisposable
{
    const int Alignment = 64;

    readonly List<nint> _pieces = [];

    /// <summary>Zeroed memory for so many floats, aligned to a cache line; lives as long as this workspace.</summary>
    public float* Take(long length)
    {
        var bytes = (nuint)(((length * sizeof(float)) + Alignment - 1) / Alignment * Alignment);
        var piece = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
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
}
