namespace Noos.Inference.Weights;

/// <summary>The weights of a short convolution over positions (LFM 2).</summary>
sealed unsafe class ConvolutionWeights
{
    /// <summary>[3 * width, width]: the gate before, the gate behind and the input, one after the other.</summary>
    public required WeightMatrix Input { get; init; }

    /// <summary>[width, positions], the token's own position last.</summary>
    public required float* Taps { get; init; }

    /// <summary>[width, width]</summary>
    public required WeightMatrix Output { get; init; }
}
