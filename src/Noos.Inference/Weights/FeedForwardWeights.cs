namespace Noos.Inference.Weights;

/// <summary>A feed-forward layer, or one expert.</summary>
sealed unsafe class FeedForwardWeights
{
    public required WeightMatrix Gate { get; init; }

    public required WeightMatrix Up { get; init; }

    public required WeightMatrix Down { get; init; }

    public float* GateBias { get; init; }

    public float* UpBias { get; init; }

    public float* DownBias { get; init; }
}
