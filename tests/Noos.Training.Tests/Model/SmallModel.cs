using Noos.Language.Models;
using Noos.Training.Model;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Model;

/// <summary>A model of odd sizes with every parameter random, and the comparison of two gradients of it.</summary>
static class SmallModel
{
    public static TransformerConfig Config { get; } = new()
    {
        VocabularySize = 203,
        ContextLength = 96,
        EmbeddingLength = 64,
        BlockCount = 3,
        FeedForwardLength = 112,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadLength = 32,
    };

    // Every tensor random, so that no gradient is zero by the initialisation.
    public static Parameters Perturbed(IReadOnlyList<HeadParameter>? heads = null)
    {
        var parameters = new Parameters(Config, heads);
        parameters.Initialize(1);
        manual_seed(5);
        using var noise = randn(parameters.Layout.Length) * 0.1f;
        using var noGradient = no_grad();
        parameters.Values.add_(noise);
        return parameters;
    }

    public static int[] Tokens(Random random, int length) =>
        [.. Enumerable.Range(0, length + 1).Select(_ => random.Next(Config.VocabularySize))];

    /// <summary>A number per position, uniform on [from, to].</summary>
    public static float[] Column(Random random, int length, float from, float to) =>
        [.. Enumerable.Range(0, length).Select(_ => from + (random.NextSingle() * (to - from)))];

    public static void AssertEqualGradients(ParameterLayout layout, Tensor expected, Tensor actual)
    {
        foreach (var slot in layout.Slots)
        {
            using var e = Parameters.View(expected, slot);
            using var a = Parameters.View(actual, slot);
            var scale = e.abs().max().item<float>();
            var difference = (e - a).abs().max().item<float>();
            Assert.True(difference <= (1e-4f * scale) + 1e-7f, $"{slot.Name}: difference {difference}, largest gradient {scale}");
        }
    }

    /// <summary>Equal but for the rounding of inputs to eight bits: nearly the same direction and length for every tensor.</summary>
    public static void AssertSimilarGradients(ParameterLayout layout, Tensor expected, Tensor actual)
    {
        foreach (var slot in layout.Slots)
        {
            using var e = Parameters.View(expected, slot);
            using var a = Parameters.View(actual, slot);
            var difference = (e - a).norm().item<float>() / (e.norm().item<float>() + 1e-6f);
            Assert.True(difference < 0.06f, $"{slot.Name}: relative difference {difference}");
        }
    }
}
