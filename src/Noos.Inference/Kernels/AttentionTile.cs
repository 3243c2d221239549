namespace Noos.Inference.Kernels;

/// <summary>
/// Up to four queries that look at the same keys: neighbouring tokens of one head, or the heads of one token that share keys. Doing them
/// together only saves reading; each query's result is the same as alone.
/// </summary>
unsafe struct AttentionTile
{
    /// <summary>[<see cref="Count"/>, <see cref="Stride"/>]</summary>
    public float* Queries;

    /// <summary>Where the results go; as the queries.</summary>
    public float* Output;

    /// <summary>Distance of two queries, and of two results.</summary>
    public nint Stride;

    /// <summary>1 .. 4</summary>
    public int Count;

    /// <summary>Position of the first query; it sees itself and what is before.</summary>
    public int Position;

    /// <summary>1 for tokens, 0 for heads.</summary>
    public int PositionStep;

    /// <summary>Number of positions a query sees.</summary>
    public int Window;

    /// <summary>The pages of the sequence.</summary>
    public float** Pages;

    /// <summary>Where the head's keys begin in a page.</summary>
    public long KeyOffset;

    /// <summary>Where the head's values begin in a page.</summary>
    public long ValueOffset;

    /// <summary>A score that takes part in the softmax without a value, or null.</summary>
    public float* Sinks;

    /// <summary>1 where each query has a sink of its own.</summary>
    public int SinkStep;
}
