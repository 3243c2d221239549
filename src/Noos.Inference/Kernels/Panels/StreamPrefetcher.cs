using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Asks memory for what a stream will read soon.</summary>
static unsafe class StreamPrefetcher
{
    /// <summary>Far enough for memory to answer, near enough to still be in the cache.</summary>
    public const int Distance = 4096;
    const int CacheLine = 64;

    /// <param name="position">What is read now.</param>
    /// <param name="byteCount">How much of it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(byte* position, int byteCount)
    {
        for (var i = 0; i < byteCount && Sse.IsSupported; i += CacheLine)
        {
            Sse.Prefetch0(position + Distance + i);
        }
    }
}
