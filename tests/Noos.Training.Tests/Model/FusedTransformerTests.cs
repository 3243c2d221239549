using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Model;

public sealed class FusedTransformerTests
{
    [Theory]
    [InlineData(96, false)]
    [InlineData(71, false)]
    [InlineData(96, true)]
    [InlineData(1, false)]
    public void FusedTransformer_gradient_equals_autograd(int length, bool masked)
    {
        using var parameters = SmallModel.Perturbed();
        using var expected = zeros(parameters.Layout.Length);
        using var actual = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, expected);
        using var fused = new GradientWorker(parameters, actual);
        var random = new Random(length);
        var tokens = SmallModel.Tokens(random, length);
        bool[] isTarget = masked ? [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0)] : [];
        TrainingRow[] sample = [new(tokens, isTarget)];

        var expectedLoss = reference.AddGradient(tokens, isTarget, 0.01f);
        var actualLoss = fused.AddGradient(CrossEntropy.Instance, sample, 0.01f);

        Assert.Equal(expectedLoss, actualLoss, tolerance: 1e-3 * expectedLoss);
        Assert.Equal(expectedLoss, fused.Loss(CrossEntropy.Instance, sample), tolerance: 1e-3 * expectedLoss);
        SmallModel.AssertEqualGradients(parameters.Layout, expected, actual);
    }

    [Fact]
    public void FusedTransformer_token_outside_the_vocabulary_is_refused()
    {
        using var parameters = SmallModel.Perturbed();
        using var gradients = zeros(parameters.Layout.Length);
        using var fused = new GradientWorker(parameters, gradients);

        Assert.Throws<ArgumentException>(() => fused.Loss(CrossEntropy.Instance, [new TrainingRow([1, 2, 203, 4], [])]));
    }
}
