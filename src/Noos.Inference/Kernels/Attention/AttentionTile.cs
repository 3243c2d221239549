namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Queries that look at the same keys: tokens of one sequence, or of several where they have these pages in common, each with the heads
/// that share a key head. Doing them together saves reading and widening; each query's result is the same as alone.
/// </summary>
unsafe struct AttentionTile
{
    /// <summary>Most queries of a tile.</summary>
    public const int MaxQueries = 48;

    /// <summary>[rows of the batch, <see cref="Stride"/>], of which the first <see cref="Heads"/> heads.</summary>
    public float* Queries;

    /// <summary>Distance of two rows of queries, and of their results.</summary>
    public nint Stride;

    /// <summary>[<see cref="Tokens"/>]</summary>
    public QueryToken* QueryTokens;

    /// <summary>Number of tokens.</summary>
    public int Tokens;

    /// <summary>The smallest position of a token.</summary>
    public int FirstPosition;

    /// <summary>The largest position of a token, and so the last one that any query sees.</summary>
    public int LastPosition;

    /// <summary>Number of query heads.</summary>
    public int Heads;

    /// <summary>Width of a head.</summary>
    public int HeadLength;

    /// <summary>What scores are multiplied with.</summary>
    public float Scale;

    /// <summary>Number of positions a query sees.</summary>
    public int Window;

    /// <summary>The pages of the sequence; of one of them, where several have in common what is looked at.</summary>
    public byte** Pages;

    /// <summary>Where the head begins in a page.</summary>
    public long HeadOffset;

    /// <summary>Of each head a score that takes part in the softmax without a value; or null.</summary>
    public float* Sinks;

    /// <summary>Number of queries.</summary>
    public readonly int Count => Tokens * Heads;

    /// <summary>The first position that any query sees.</summary>
    public readonly int FirstSeen => Math.Max(0, FirstPosition - Window + 1);
}
