using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Software prefetch for data that is read once from front to back.</summary>
static unsafe class StreamPrefetcher
{
    /// <summary>Bytes ahead of the reader: one page, far enough for memory to answer, near enough to still be in the L1 cache.</summary>
    public const int Distance = 4096;
    const int CacheLine = 64;

    /// <summary>Prefetches what will be read one <see cref="Distance"/> after the given range; never faults, even past the end.</summary>
    /// <param name="position">Start of what is read now.</param>
    /// <param name="byteCount">Bytes that are read now.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(byte* position, int byteCount)
    {
        // One request per cache line; Sse.IsSupported is a constant, so elsewhere the loop disappears.
        for (var i = 0; i < byteCount && Sse.IsSupported; i += CacheLine)
        {
            Sse.Prefetch0(position + Distance + i);
        }
    }
}
