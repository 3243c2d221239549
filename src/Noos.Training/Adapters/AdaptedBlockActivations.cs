using Noos.Language.Architectures;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

/// <summary>
/// What one block keeps of a forward pass for the backward pass. Norms, activations of the feed-forward layer and attention's
/// probabilities are computed again, which costs little. T is the number of rows, d the embedding length.
/// </summary>
sealed unsafe class AdaptedBlockActivations
{
    public AdaptedBlockActivations(DecoderConfig config, long rows, Workspace workspace)
    {
        Projected = workspace.Take(rows * config.ProjectedLength);
        Mixed = workspace.Take(rows * config.QueryLength);
        Middle = workspace.Take(rows * config.EmbeddingLength);
        GateUp = workspace.Take(rows * 2 * config.FeedForwardLength);
        if (config.HasPostNorms)
        {
            AttentionOutput = workspace.Take(rows * config.EmbeddingLength);
            FeedForwardOutput = workspace.Take(rows * config.EmbeddingLength);
        }
    }

    /// <summary>Values that a row takes.</summary>
    public static long LengthPerRow(DecoderConfig config) =>
        config.ProjectedLength + config.QueryLength + (2L * config.FeedForwardLength)
        + (config.EmbeddingLength * (config.HasPostNorms ? 3L : 1L));

    /// <summary>Queries, keys and values before norm and rotation: [T, projected length].</summary>
    public float* Projected { get; }

    /// <summary>Attention's result before its output projection: [T, query length].</summary>
    public float* Mixed { get; }

    /// <summary>Residual stream between attention and feed-forward: [T, d].</summary>
    public float* Middle { get; }

    /// <summary>Gate and up side by side, [T, 2 · feed-forward length]; the backward pass writes their gradient over them.</summary>
    public float* GateUp { get; }

    /// <summary>[T, d] before the norm after attention; null where there is none.</summary>
    public float* AttentionOutput { get; }

    /// <summary>[T, d] before the norm after the feed-forward layer; null where there is none.</summary>
    public float* FeedForwardOutput { get; }
}
