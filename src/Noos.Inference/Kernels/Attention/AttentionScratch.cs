using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>One thread's memory for attention: a widened page, and what a tile computes on a range of positions and in all.</summary>
sealed unsafe class AttentionScratch : IDisposable
{
    // Products are computed for up to six queries at a time; those beyond the tile are never looked at.
    const int Queries = AttentionTile.MostQueries + 6;
    // Rows at distances of a power of two would fall upon the same places of the cache.
    const int Shift = 16;

    /// <summary>Distance of two rows of <see cref="Scores"/>.</summary>
    public const int ScoreStride = AttentionKernel.RangeLength + Shift;

    float* _memory;

    public AttentionScratch(int headLength)
    {
        Padded = KeyValuePages.PaddedLength(headLength);
        Stride = Padded + Shift;
        var rows = (long)Queries * Stride;
        var count = (Padded * AttentionKernel.RangeLength) + (3 * rows) + ((long)Queries * ScoreStride) + (4 * Queries) + Panel.Rows;
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        NativeMemory.Clear(_memory, (nuint)count * sizeof(float));
        Page = _memory;
        QueryRows = Page + (Padded * AttentionKernel.RangeLength);
        PartSums = QueryRows + rows;
        Sums = PartSums + rows;
        Scores = Sums + rows;
        Parts = (PartialSoftmax*)(Scores + (Queries * ScoreStride));
        Totals = Parts + Queries;
        Zeros = (float*)(Totals + Queries);
    }

    /// <summary>A head's length in whole groups of 32.</summary>
    public int Padded { get; }

    /// <summary>Distance of two rows of queries and sums.</summary>
    public int Stride { get; }

    /// <summary>[<see cref="Padded"/>, range]: keys of a page, values of a range, as floats.</summary>
    public float* Page { get; }

    /// <summary>[queries, <see cref="Stride"/>]</summary>
    public float* QueryRows { get; }

    /// <summary>[queries, <see cref="ScoreStride"/>]: scores, then exponentials.</summary>
    public float* Scores { get; }

    /// <summary>[queries] of a range.</summary>
    public PartialSoftmax* Parts { get; }

    /// <summary>[queries, <see cref="Stride"/>] of a range.</summary>
    public float* PartSums { get; }

    /// <summary>[queries] of all ranges so far.</summary>
    public PartialSoftmax* Totals { get; }

    /// <summary>[queries, <see cref="Stride"/>] of all ranges so far.</summary>
    public float* Sums { get; }

    /// <summary>[32]</summary>
    public float* Zeros { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
