using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

/// <summary>
/// What one block keeps of the forward pass over one row for its backward pass. T is the context length, d the embedding length.
/// </summary>
sealed unsafe class BlockActivations
{
    public BlockActivations(TransformerConfig config, long probabilityLength, Workspace workspace)
    {
        long length = config.ContextLength;
        Input = workspace.Take(length * config.EmbeddingLength);
        AttentionNormed = workspace.Take(length * config.EmbeddingLength);
        AttentionInverse = workspace.Take(length);
        Projected = workspace.Take(length * (config.QueryLength + (2 * config.KeyValueLength)));
        Query = workspace.Take(length * config.QueryLength);
        Key = workspace.Take(length * config.KeyValueLength);
        QueryInverse = workspace.Take(length * config.HeadCount);
        KeyInverse = workspace.Take(length * config.KeyValueHeadCount);
        Probabilities = workspace.Take(probabilityLength);
        Mixed = workspace.Take(length * config.QueryLength);
        Middle = workspace.Take(length * config.EmbeddingLength);
        FeedForwardNormed = workspace.Take(length * config.EmbeddingLength);
        FeedForwardInverse = workspace.Take(length);
        GateUp = workspace.Take(length * 2 * config.FeedForwardLength);
        Hidden = workspace.Take(length * config.FeedForwardLength);
    }

    /// <summary>Residual stream before the block: [T, d].</summary>
    public float* Input { get; }

    /// <summary>[T, d]</summary>
    public float* AttentionNormed { get; }

    /// <summary>[T] inverse root mean squares.</summary>
    public float* AttentionInverse { get; }

    /// <summary>Queries, keys and values before norm and rotation: [T, (heads + 2 · key-value heads) · head length].</summary>
    public float* Projected { get; }

    /// <summary>Normed and rotated: [heads, T, head length].</summary>
    public float* Query { get; }

    /// <summary>Normed and rotated: [key-value heads, T, head length].</summary>
    public float* Key { get; }

    /// <summary>[heads, T]</summary>
    public float* QueryInverse { get; }

    /// <summary>[key-value heads, T]</summary>
    public float* KeyInverse { get; }

    /// <summary>Attention after softmax: [heads, T, <see cref="CausalAttention.Stride"/>].</summary>
    public float* Probabilities { get; }

    /// <summary>Attention's result before its output projection: [T, heads · head length].</summary>
    public float* Mixed { get; }

    /// <summary>Residual stream between attention and feed-forward: [T, d].</summary>
    public float* Middle { get; }

    /// <summary>[T, d]</summary>
    public float* FeedForwardNormed { get; }

    /// <summary>[T] inverse root mean squares.</summary>
    public float* FeedForwardInverse { get; }

    /// <summary>Gate and up side by side, [T, 2 · feed-forward length]; the backward pass writes their gradient over them.</summary>
    public float* GateUp { get; }

    /// <summary>silu(gate) · up: [T, feed-forward length].</summary>
    public float* Hidden { get; }
}
