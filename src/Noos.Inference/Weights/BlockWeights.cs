namespace Noos.Inference.Weights;

/// <summary>The weights of one transformer block; vectors are floats, null where a family has none.</summary>
sealed unsafe class BlockWeights
{
    public float* AttentionNorm { get; init; }

    public required WeightMatrix Query { get; init; }

    public required WeightMatrix Key { get; init; }

    public required WeightMatrix Value { get; init; }

    public float* QueryBias { get; init; }

    public float* KeyBias { get; init; }

    public float* ValueBias { get; init; }

    /// <summary>[head length], or [query length] where heads are normed together.</summary>
    public float* QueryNorm { get; init; }

    /// <summary>[head length], or [key length] where heads are normed together.</summary>
    public float* KeyNorm { get; init; }

    /// <summary>A score for each head that takes its share of the softmax but brings no value (Xiao et al. 2023).</summary>
    public float* Sinks { get; init; }

    public required WeightMatrix AttentionOutput { get; init; }

    public float* AttentionOutputBias { get; init; }

    public float* PostAttentionNorm { get; init; }

    public float* FeedForwardNorm { get; init; }

    /// <summary>Scores the experts; null for a plain feed-forward layer.</summary>
    public WeightMatrix? Router { get; init; }

    public float* RouterBias { get; init; }

    /// <summary>One for each expert, or the only one.</summary>
    public required FeedForwardWeights[] FeedForward { get; init; }

    /// <summary>The expert that every token goes through; null for none.</summary>
    public FeedForwardWeights? SharedExpert { get; init; }

    public float* PostFeedForwardNorm { get; init; }
}
