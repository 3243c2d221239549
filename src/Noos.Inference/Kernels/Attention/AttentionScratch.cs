using System.Runtime.InteropServices;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// One thread's buffers for attention: a widened page, and what a tile computes on one range of positions and on all so far. Aligned to 64
/// bytes; all zero at first, so that rows and columns of padding hold finite numbers.
/// </summary>
sealed unsafe class AttentionScratch : IDisposable
{
    // Micro-kernels compute up to six queries at a time; rows beyond the tile are computed and never looked at.
    const int Queries = AttentionTile.MaxQueries + 6;
    // Rows whose distance is a power of two would compete for the same few sets of the L1 cache.
    const int Shift = 16;

    /// <summary>Distance of two rows of <see cref="Scores"/> in floats.</summary>
    public const int ScoreStride = AttentionKernel.RangeLength + Shift;

    float* _memory;

    public AttentionScratch(int headLength)
    {
        Padded = KeyValuePages.PaddedLength(headLength);
        Stride = Padded + Shift;
        var rows = (long)Queries * Stride;
        // Queries, part sums and sums are rows of Stride; Parts and Totals are two floats per query, hence 4.
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
        // The memory was cleared and nothing writes here.
        Zeros = (float*)(Totals + Queries);
    }

    /// <summary>Head length rounded up to a multiple of 32.</summary>
    public int Padded { get; }

    /// <summary>Distance of two rows of queries and sums in floats.</summary>
    public int Stride { get; }

    /// <summary>[<see cref="Padded"/>, range]: keys of one page or values of up to a whole range, as floats.</summary>
    public float* Page { get; }

    /// <summary>[queries, <see cref="Stride"/>]</summary>
    public float* QueryRows { get; }

    /// <summary>[queries, <see cref="ScoreStride"/>]: scores, then exponentials.</summary>
    public float* Scores { get; }

    /// <summary>[queries]: softmax of one range.</summary>
    public PartialSoftmax* Parts { get; }

    /// <summary>[queries, <see cref="Stride"/>]: unnormalized sums of values of one range.</summary>
    public float* PartSums { get; }

    /// <summary>[queries]: softmax of all ranges so far.</summary>
    public PartialSoftmax* Totals { get; }

    /// <summary>[queries, <see cref="Stride"/>]: sums of values of all ranges so far.</summary>
    public float* Sums { get; }

    /// <summary>[32] zeros: start of sums.</summary>
    public float* Zeros { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
