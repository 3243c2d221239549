namespace Noos.Inference.Transformer;

/// <summary>The weights of one transformer block; norms are vectors of floats.</summary>
sealed unsafe class BlockWeights
{
    public required float* AttentionNorm { get; init; }

    public required WeightMatrix Query { get; init; }

    public required WeightMatrix Key { get; init; }

    public required WeightMatrix Value { get; init; }

    public required float* QueryNorm { get; init; }

    public required float* KeyNorm { get; init; }

    public required WeightMatrix AttentionOutput { get; init; }

    public required float* FeedForwardNorm { get; init; }

    public required WeightMatrix Gate { get; init; }

    public required WeightMatrix Up { get; init; }

    public required WeightMatrix Down { get; init; }
}
