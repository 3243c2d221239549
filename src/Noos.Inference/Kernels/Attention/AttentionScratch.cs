using System.Runtime.InteropServices;
using Noos.Inference.Transformer;

namespace Noos.Inference.Kernels.Attention;

/// <summary>One thread's memory for attention: a widened page, and what a tile computes on a range of positions and in all.</summary>
sealed unsafe class AttentionScratch : IDisposable
{
    // Products are computed for up to six queries at a time; those beyond the tile are never looked at.
    const int Queries = AttentionTile.MostQueries + 6;
    const int AlignmentFloats = 16;

    float* _memory;

    public AttentionScratch(int headLength)
    {
        Padded = KeyValuePages.PaddedLength(headLength);
        var rows = (long)Queries * Padded;
        var count = (Padded * KeyValuePages.Positions) + (3 * rows) + ((long)Queries * AttentionKernel.RangeLength) + (4 * Queries) + AlignmentFloats;
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        NativeMemory.Clear(_memory, (nuint)count * sizeof(float));
        Page = _memory;
        QueryRows = Page + (Padded * KeyValuePages.Positions);
        PartSums = QueryRows + rows;
        Sums = PartSums + rows;
        Scores = Sums + rows;
        Parts = (PartialSoftmax*)(Scores + (Queries * AttentionKernel.RangeLength));
        Totals = Parts + Queries;
    }

    /// <summary>A head's length in whole groups of 32: the distance of two rows.</summary>
    public int Padded { get; }

    /// <summary>[<see cref="Padded"/>][32]</summary>
    public float* Page { get; }

    /// <summary>[queries, <see cref="Padded"/>]</summary>
    public float* QueryRows { get; }

    /// <summary>[queries, range]: scores, then exponentials.</summary>
    public float* Scores { get; }

    /// <summary>[queries] of a range.</summary>
    public PartialSoftmax* Parts { get; }

    /// <summary>[queries, <see cref="Padded"/>] of a range.</summary>
    public float* PartSums { get; }

    /// <summary>[queries] of all ranges so far.</summary>
    public PartialSoftmax* Totals { get; }

    /// <summary>[queries, <see cref="Padded"/>] of all ranges so far.</summary>
    public float* Sums { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
