using System.Runtime.InteropServices;
using Noos.Core.Memory;

namespace Noos.Inference.Memory;

/// <summary>Native memory for packed weights, keys and values, on huge pages where the system has them. Decoding reads all of it for every token: huge pages make it about a tenth faster.</summary>
sealed unsafe class LargeMemory : IDisposable
{
    byte* _start;

    /// <exception cref="OutOfMemoryException">The machine has not that much memory.</exception>
    public LargeMemory(long byteCount, bool isZeroed = true)
    {
        _start = HugePages.Allocate((nuint)byteCount);
        if (isZeroed)
        {
            NativeMemory.Clear(_start, (nuint)byteCount);
        }
    }

    public byte* Start => _start;

    public void Dispose()
    {
        HugePages.Free(_start);
        _start = null;
    }
}
