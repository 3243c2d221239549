namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Queries that see the same keys: tokens of one sequence, or of several that share these pages (a common prefix), each with the query
/// heads that share a key head (grouped-query attention). Computed together, a page is read and widened once; each query's result is the
/// same as alone.
/// </summary>
unsafe struct AttentionTile
{
    /// <summary>Max queries of a tile, tokens times heads.</summary>
    public const int MaxQueries = 48;

    /// <summary>[rows of the batch, <see cref="Stride"/>], of which the first <see cref="Heads"/> heads are used.</summary>
    public float* Queries;

    /// <summary>Distance of two rows of queries, and of their results, in floats.</summary>
    public nint Stride;

    /// <summary>[<see cref="Tokens"/>]</summary>
    public QueryToken* QueryTokens;

    /// <summary>Number of tokens.</summary>
    public int Tokens;

    /// <summary>The smallest position of a token.</summary>
    public int FirstPosition;

    /// <summary>The largest position of a token, and so the last one that any query sees.</summary>
    public int LastPosition;

    /// <summary>Number of query heads per token.</summary>
    public int Heads;

    /// <summary>Width of a head.</summary>
    public int HeadLength;

    /// <summary>Factor of scores before the softmax, usually 1 / sqrt(head length); positive.</summary>
    public float Scale;

    /// <summary>Scaled scores x become c * tanh(x / c) with this c; 0 leaves them as they are (Gemma 2).</summary>
    public float Softcap;

    /// <summary>Sliding window: number of positions that a query sees, its own included.</summary>
    public int Window;

    /// <summary>Page table of the sequence; of any one of them where several share the pages that are seen.</summary>
    public byte** Pages;

    /// <summary>Byte offset of the key head in a page.</summary>
    public long HeadOffset;

    /// <summary>[heads] attention sinks: scores that take part in the softmax without a value; may be null.</summary>
    public float* Sinks;

    /// <summary>Number of queries.</summary>
    public readonly int Count => Tokens * Heads;

    /// <summary>The first position that any query sees.</summary>
    public readonly int FirstSeen => Math.Max(0, FirstPosition - Window + 1);
}
