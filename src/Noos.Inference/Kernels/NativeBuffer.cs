using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels;

/// <summary>Memory for numbers that is made anew, contents lost, when more is asked for than it holds.</summary>
sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    const int CacheLine = 64;

    /// <summary>Begins on a cache line; null before anything was asked for.</summary>
    public T* Start { get; private set; }

    /// <summary>Elements held.</summary>
    public long Length { get; private set; }

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
