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

/// <summary>The weights of one block of an encoder.</summary>
sealed record EncoderBlock(
    LinearLayer Query, LinearLayer Key, LinearLayer Value, LinearLayer AttentionOutput, LinearLayer Up, LinearLayer Down)
{
    /// <summary>Before attention; null where norms stand behind, and in the first block of ModernBERT.</summary>
    public NormWeights? InputNorm { get; init; }

    /// <summary>Behind attention, after its result is added; null where norms stand before.</summary>
    public NormWeights? AttentionNorm { get; init; }

    /// <summary>Before the feed-forward layer; null where norms stand behind.</summary>
    public NormWeights? FeedForwardNorm { get; init; }

    /// <summary>Behind the feed-forward layer; null where norms stand before.</summary>
    public NormWeights? OutputNorm { get; init; }

    /// <summary>What the hidden layer is multiplied with; null for none.</summary>
    public LinearLayer? Gate { get; init; }
}

/// <summary>
/// The head of a model that scores a pair of texts: dense layer, activation and norm, then the layer that gives the scores. Either
/// layer may be missing.
/// </summary>
sealed record ScoreHead(LinearLayer? Dense, NormWeights? Norm, LinearLayer? Output);
