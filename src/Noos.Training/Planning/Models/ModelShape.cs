using Noos.Core;

namespace Noos.Training.Planning.Models;

/// <summary>
/// Shape of a decoder-only transformer as a planner needs it: any size, with or without experts. (What Noos itself trains is
/// <see cref="Noos.Language.Models.TransformerConfig"/>.)
/// </summary>
public sealed record ModelShape
{
    public required string Name { get; init; }

    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    public required int Heads { get; init; }

    /// <summary>Key and value heads; as many as <see cref="Heads"/> where queries share none.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of the feed-forward layer; of one expert where there are several.</summary>
    public required int FeedForward { get; init; }

    public required int Vocabulary { get; init; }

    /// <summary>Tokens of one training sequence.</summary>
    public required int Sequence { get; init; }

    /// <summary>SwiGLU: three matrices in the feed-forward layer instead of two.</summary>
    public bool IsGated { get; init; } = true;

    public bool TiedEmbeddings { get; init; }

    /// <summary>Feed-forward layers to choose among (mixture of experts); 1 for a dense model.</summary>
    public int Experts { get; init; } = 1;

    /// <summary>Experts that one token goes through.</summary>
    public int ActiveExperts { get; init; } = 1;

    /// <summary>Where the numbers are from.</summary>
    public string Source { get; init; } = "";

    /// <summary>Key-value heads per query head.</summary>
    public double KeyValueShare => (double)KeyValueHeads / Heads;

    /// <summary>Weights of the attention of one layer.</summary>
    public double AttentionParameters => (double)Hidden * Hidden * (2 + (2 * KeyValueShare));

    /// <summary>Weights of one expert, or of the whole feed-forward layer of a dense model.</summary>
    public double ExpertParameters => (IsGated ? 3.0 : 2.0) * Hidden * FeedForward;

    /// <summary>Weights of one layer that one token meets.</summary>
    public double ActiveLayerParameters => AttentionParameters + (ActiveExperts * ExpertParameters);

    /// <summary>Weights of the output head.</summary>
    public double HeadParameters => (double)Vocabulary * Hidden;

    /// <summary>All weights.</summary>
    public double ParameterCount =>
        (Layers * (AttentionParameters + (Experts * ExpertParameters))) + (HeadParameters * (TiedEmbeddings ? 1 : 2));

    /// <summary>Weights that one token meets in a matrix product (the look-up of its embedding is none).</summary>
    public double ActiveParameterCount => (Layers * ActiveLayerParameters) + HeadParameters;

    /// <summary>
    /// Model FLOPs of one token, forward and backward, without recomputation: 6 per active weight (Kaplan et al., 2020), and the half of
    /// the attention products that causality leaves.
    /// </summary>
    public double FlopsPerToken => (6 * ActiveParameterCount) + (6.0 * Layers * Hidden * Sequence);

    /// <summary>
    /// A dense model of about so many parameters, in the proportions of Llama 3: 128 values a head, one key-value head for every eight
    /// query heads (or four), feed-forward 3.5 times the width, about 128 times wider than deep.
    /// </summary>
    /// <exception cref="NoosException">No such model is trained.</exception>
    public static ModelShape FromParameterCount(double parameters, int sequence = 8192)
    {
        if (!(parameters is >= 1e7 and <= 1e14))
        {
            throw new NoosException(ErrorKind.Invalid, $"A model has 10 million to 100 trillion parameters, not {parameters:g4}.");
        }

        ModelShape? best = null;
        for (var heads = 4; heads <= 512; heads += heads < 32 ? 4 : 8)
        {
            var hidden = heads * 128;
            for (var layers = Math.Max(2, hidden / 170); layers <= Math.Max(4, hidden / 95); layers++)
            {
                var shape = new ModelShape
                {
                    Name = "dense",
                    Layers = layers,
                    Hidden = hidden,
                    Heads = heads,
                    KeyValueHeads = heads % 8 == 0 ? heads / 8 : heads / 4,
                    FeedForward = hidden * 7 / 2,
                    Vocabulary = parameters < 3e9 ? 32_768 : 128_256,
                    Sequence = sequence,
                    TiedEmbeddings = parameters < 3e9,
                    Source = "proportions of Llama 3 (arXiv 2407.21783, table 3)",
                };
                if (best is null || Distance(shape) < Distance(best))
                {
                    best = shape;
                }
            }
        }

        return best! with { Name = $"dense, {best.ParameterCount / 1e9:0.#} billion parameters" };

        double Distance(ModelShape shape) => Math.Abs(Math.Log(shape.ParameterCount / parameters));
    }

    /// <exception cref="NoosException">The numbers cannot make a model.</exception>
    public ModelShape Validate()
    {
        if (Layers < 1 || Hidden < 1 || Heads < 1 || KeyValueHeads < 1 || FeedForward < 1 || Vocabulary < 1 || Sequence < 1
            || Heads % KeyValueHeads != 0 || Experts < 1 || ActiveExperts < 1 || ActiveExperts > Experts)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"The shape of '{Name}' is no transformer: all sizes must be positive, key-value heads divide heads, and no more experts "
                + "are active than there are.");
        }

        return this;
    }
}
