using System.Runtime.InteropServices;
using Noos.Core.Memory;

namespace Noos.Inference.Memory;

/// <summary>
/// Memory on huge pages, where the system has them, for packed weights, keys and values. Decoding reads all of it for every token; with
/// 4 KiB pages it is about a tenth slower. Begins on a huge page's boundary.
/// </summary>
sealed unsafe class LargeMemory : IDisposable
{
    byte* _start;

    /// <exception cref="OutOfMemoryException">The machine does not have that much memory.</exception>
    public LargeMemory(long byteCount, bool isZeroed = true)
    {
        _start = HugePages.Allocate((nuint)byteCount);
        if (isZeroed)
        {
            // Packing relies on zeros: rows of padding are never written. Pages of the KV cache do not need it.
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
