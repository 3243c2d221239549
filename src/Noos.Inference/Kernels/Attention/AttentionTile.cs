namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// Queries that look at the same keys: neighbouring tokens of a sequence, each with the heads that share a key head. Doing them together
/// saves reading and widening; each query's result is the same as alone.
/// </summary>
unsafe struct AttentionTile
{
    /// <summary>Most queries of a tile.</summary>
    public const int MostQueries = 48;

    /// <summary>[<see cref="Tokens"/>, <see cref="Stride"/>], of which the first <see cref="Heads"/> heads.</summary>
    public float* Queries;

    /// <summary>Distance of two tokens' queries, and of their results.</summary>
    public nint Stride;

    /// <summary>Number of tokens.</summary>
    public int Tokens;

    /// <summary>Number of query heads.</summary>
    public int Heads;

    /// <summary>Width of a head.</summary>
    public int HeadLength;

    /// <summary>What scores are multiplied with.</summary>
    public float Scale;

    /// <summary>Position of the first token; it sees itself and what is before.</summary>
    public int Position;

    /// <summary>Number of positions a query sees.</summary>
    public int Window;

    /// <summary>The pages of the sequence.</summary>
    public byte** Pages;

    /// <summary>Where the head begins in a page.</summary>
    public long HeadOffset;

    /// <summary>Of each head a score that takes part in the softmax without a value; or null.</summary>
    public float* Sinks;

    /// <summary>Number of queries.</summary>
    public readonly int Count => Tokens * Heads;

    /// <summary>The first position that any query sees.</summary>
    public readonly int FirstSeen => Math.Max(0, Position - Window + 1);

    /// <summary>The last position that any query sees.</summary>
    public readonly int LastSeen => Position + Tokens - 1;
}
