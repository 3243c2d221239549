using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Attention;

/// <summary>Memory that will be read next, asked for evenly while a product goes over its columns: a burst would wait for itself.</summary>
/// <param name="start">Where it begins.</param>
/// <param name="columnBytes">Bytes for a column.</param>
readonly unsafe struct ColumnPrefetcher(byte* start, int columnBytes)
{
    /// <summary>Asks for a column's share, of which no two lines of a cache are further apart than half.</summary>
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
