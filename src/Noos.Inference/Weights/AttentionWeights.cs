namespace Noos.Inference.Weights;

/// <summary>The weights of attention in a block; vectors are floats, null where a family has none.</summary>
sealed unsafe class AttentionWeights
{
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

    public required WeightMatrix Output { get; init; }

    public float* OutputBias { get; init; }
}
