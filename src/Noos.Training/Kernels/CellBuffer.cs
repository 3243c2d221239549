using System.Runtime.InteropServices;

namespace Noos.Training.Kernels;

/// <summary>Scratch memory that grows to the largest product; aligned to a cache line.</summary>
sealed unsafe class CellBuffer : IDisposable
{
    const nuint CacheLine = 64;

    uint* _cells;
    long _length;

    /// <summary>At least so many cells; what is in them is not defined. The last answer is void.</summary>
    public uint* Require(long length)
    {
        if (length > _length)
        {
            NativeMemory.AlignedFree(_cells);
            _cells = (uint*)NativeMemory.AlignedAlloc((nuint)length * sizeof(uint), CacheLine);
            _length = length;
        }

        return _cells;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_cells);
        _cells = null;
        _length = 0;
    }
}
