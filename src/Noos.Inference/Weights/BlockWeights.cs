namespace Noos.Inference.Weights;

/// <summary>The weights of one transformer block; vectors are floats, null where a family has none.</summary>
sealed unsafe class BlockWeights
{
    public float* AttentionNorm { get; init; }

    /// <summary>Null for a block with a <see cref="Convolution"/>.</summary>
    public AttentionWeights? Attention { get; init; }

    public ConvolutionWeights? Convolution { get; init; }

    public float* PostAttentionNorm { get; init; }

    public float* FeedForwardNorm { get; init; }

    /// <summary>Scores the experts; null for a plain feed-forward layer.</summary>
    public WeightMatrix? Router { get; init; }

    /// <summary>[experts] Added to the scores that choose, and to nothing else.</summary>
    public float* ChoiceBias { get; init; }

    public float* RouterBias { get; init; }

    /// <summary>One for each expert, or the only one.</summary>
    public required FeedForwardWeights[] FeedForward { get; init; }

    /// <summary>The expert that every token goes through; null for none.</summary>
    public FeedForwardWeights? SharedExpert { get; init; }

    public float* PostFeedForwardNorm { get; init; }
}
