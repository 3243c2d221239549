using Noos.Language.Models;
using Noos.Training.Model;
using Noos.Training.Model.Fused;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Model;

public sealed class FusedTransformerTests
{
    static readonly TransformerConfig s_config = new()
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

    [Theory]
    [InlineData(96, false)]
    [InlineData(71, false)]
    [InlineData(96, true)]
    [InlineData(1, false)]
    public void FusedTransformer_gradient_equals_autograd(int length, bool masked)
    {
        using var parameters = Perturbed();
        using var expected = zeros(parameters.Layout.Length);
        using var actual = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, expected);
        using var fused = new FusedTransformer(parameters, actual);
        var random = new Random(length);
        var tokens = Enumerable.Range(0, length + 1).Select(_ => random.Next(s_config.VocabularySize)).ToArray();
        var isTarget = masked ? Enumerable.Range(0, length).Select(_ => random.Next(3) == 0).ToArray() : [];

        var expectedLoss = reference.AddGradient(tokens, isTarget, 0.01f);
        var actualLoss = fused.AddGradient(tokens, isTarget, 0.01f);

        Assert.Equal(expectedLoss, actualLoss, tolerance: 1e-3 * expectedLoss);
        Assert.Equal(expectedLoss, fused.Loss(tokens, isTarget), tolerance: 1e-3 * expectedLoss);
        foreach (var slot in parameters.Layout.Slots)
        {
            using var e = Parameters.View(expected, slot);
            using var a = Parameters.View(actual, slot);
            var scale = e.abs().max().item<float>();
            var difference = (e - a).abs().max().item<float>();
            Assert.True(difference <= (1e-4f * scale) + 1e-7f, $"{slot.Name}: difference {difference}, largest gradient {scale}");
        }
    }

    [Fact]
    public void FusedTransformer_token_outside_the_vocabulary_is_refused()
    {
        using var parameters = Perturbed();
        using var gradients = zeros(parameters.Layout.Length);
        using var fused = new FusedTransformer(parameters, gradients);

        Assert.Throws<ArgumentException>(() => fused.Loss([1, 2, 203, 4], []));
    }

    // Every tensor random, so that no gradient is zero by the initialisation.
    static Parameters Perturbed()
    {
        var parameters = new Parameters(s_config);
        parameters.Initialize(1);
        manual_seed(5);
        using var noise = randn(parameters.Layout.Length) * 0.1f;
        using var noGradient = no_grad();
        parameters.Values.add_(noise);
        return parameters;
    }
}
