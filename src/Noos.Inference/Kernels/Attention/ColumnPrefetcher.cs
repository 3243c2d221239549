using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Spreads software prefetches of the next KV page over the columns of the current product; issuing them at once would fill the line-fill
/// buffers and stall.
/// </summary>
/// <param name="start">Start of what is read next.</param>
/// <param name="columnBytes">Bytes to prefetch per column, at most 128: two cache lines.</param>
readonly unsafe struct ColumnPrefetcher(byte* start, int columnBytes)
{
    /// <summary>Prefetches a column's share: its start and its middle, which touches every cache line of up to 128 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int column)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(start + (column * columnBytes));
            Sse.Prefetch0(start + (column * columnBytes) + (columnBytes / 2));
        }
    }
}
