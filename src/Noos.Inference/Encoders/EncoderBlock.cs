using Noos.Inference.Weights;

namespace Noos.Inference.Encoders;

/// <summary>A linear layer: a matrix [rows, columns] and what is added to its products [rows]; null where nothing is.</summary>
sealed unsafe class LinearLayer(WeightMatrix matrix, float* bias)
{
    public WeightMatrix Matrix => matrix;

    public float* Bias => bias;
}

/// <summary>Weight and bias of a layer norm [width].</summary>
sealed unsafe class NormWeights(float* weight, float* bias)
{
    public float* Weight => weight;

    public float* Bias => bias;
}

/// <summary>The weights of one block of an encoder; its norms stand behind what they follow (post-norm).</summary>
sealed record EncoderBlock(
    LinearLayer Query, LinearLayer Key, LinearLayer Value, LinearLayer AttentionOutput, NormWeights AttentionNorm, LinearLayer Up,
    LinearLayer Down, NormWeights OutputNorm);
