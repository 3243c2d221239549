using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels;

/// <summary>Growable native memory, aligned to a cache line. Growing loses the contents. Not thread-safe.</summary>
sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    const int CacheLine = 64;

    /// <summary>Aligned to 64 bytes; null before the first reservation.</summary>
    public T* Start { get; private set; }

    /// <summary>Elements that fit.</summary>
    public long Length { get; private set; }

    /// <summary>Makes room for <paramref name="length"/> elements, uninitialized if it grows.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no more memory.</exception>
    public void Reserve(long length)
    {
        if (length > Length)
        {
            Dispose();
            Start = (T*)NativeMemory.AlignedAlloc((nuint)length * (nuint)sizeof(T), CacheLine);
            Length = length;
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
        Length = 0;
    }
}
