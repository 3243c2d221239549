namespace Noos.Training.Adapters;

/// <summary>The frozen weights of one transformer block; vectors are floats, null where a family has none.</summary>
sealed unsafe class FrozenBlock
{
    public required float* AttentionNorm { get; init; }

    public required FrozenMatrix Query { get; init; }

    public required FrozenMatrix Key { get; init; }

    public required FrozenMatrix Value { get; init; }

    /// <summary>[head length]</summary>
    public float* QueryNorm { get; init; }

    /// <summary>[head length]</summary>
    public float* KeyNorm { get; init; }

    public required FrozenMatrix AttentionOutput { get; init; }

    public float* PostAttentionNorm { get; init; }

    public required float* FeedForwardNorm { get; init; }

    public required FrozenMatrix Gate { get; init; }

    public required FrozenMatrix Up { get; init; }

    public required FrozenMatrix Down { get; init; }

    public float* PostFeedForwardNorm { get; init; }
}
