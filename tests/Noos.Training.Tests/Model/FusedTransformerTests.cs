using Noos.Training.Gradients;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Tests.Kernels;
using static TorchSharp.torch;

namespace Noos.Training.Tests.Model;

public sealed class FusedTransformerTests
{
    public static TheoryData<string, int, bool> Variants()
    {
        var data = new TheoryData<string, int, bool>();
        foreach (var kernel in KernelsOfThisMachine.Names.Select(row => row.Data).Append(ProductOptions.Libtorch))
        {
            foreach (var length in new[] { 96, 71, 1 })
            {
                data.Add(kernel, length, false);
            }

            data.Add(kernel, 96, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void FusedTransformer_gradient_equals_autograd(string kernel, int length, bool masked)
    {
        var products = kernel == ProductOptions.Libtorch
            ? new ProductOptions { Kernels = kernel }
            : KernelsOfThisMachine.Options(kernel);
        using var parameters = SmallModel.Perturbed();
        using var expected = zeros(parameters.Layout.Length);
        using var actual = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, expected);
        using var fused = new GradientWorker(parameters, actual, products: products);
        var random = new Random(length);
        var tokens = SmallModel.Tokens(random, length);
        bool[] isTarget = masked ? [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0)] : [];
        TrainingRow[] sample = [new(tokens, isTarget)];

        var tolerance = products.Precision == Precision.Bf16 ? 1e-2 : 1e-3;

        var expectedLoss = reference.AddGradient(tokens, isTarget, 0.01f);
        var actualLoss = fused.AddGradient(CrossEntropy.Instance, sample, 0.01f);

        Assert.Equal(expectedLoss, actualLoss, tolerance: tolerance * expectedLoss);
        Assert.Equal(expectedLoss, fused.Loss(CrossEntropy.Instance, sample), tolerance: tolerance * expectedLoss);
        if (products.Precision == Precision.Bf16)
        {
            SmallModel.AssertSimilarGradients(parameters.Layout, expected, actual);
        }
        else
        {
            SmallModel.AssertEqualGradients(parameters.Layout, expected, actual);
        }
    }

    [Theory]
    [MemberData(nameof(KernelsOfThisMachine.Names), MemberType = typeof(KernelsOfThisMachine))]
    public void FusedTransformer_same_rows_twice_give_the_same_bits(string kernel)
    {
        using var parameters = SmallModel.Perturbed();
        using var first = new GradientTeam(parameters, 2, products: KernelsOfThisMachine.Options(kernel));
        using var second = new GradientTeam(parameters, 2, products: KernelsOfThisMachine.Options(kernel));
        var random = new Random(3);
        TrainingRow[] rows = [.. Enumerable.Range(0, 5).Select(i => new TrainingRow(SmallModel.Tokens(random, 96 - (7 * i)), []))];

        // Other rows before: what they leave in scratch memory must not be seen.
        _ = second.Compute(CrossEntropy.Instance, [.. rows.Reverse()]);

        Assert.Equal(first.Compute(CrossEntropy.Instance, rows), second.Compute(CrossEntropy.Instance, rows));
        Assert.True(first.Gradient.bytes.SequenceEqual(second.Gradient.bytes));
    }

    [Fact]
    public void FusedTransformer_sees_weights_that_were_changed()
    {
        using var parameters = SmallModel.Perturbed();
        using var team = new GradientTeam(parameters, 2);
        TrainingRow[] rows = [new(SmallModel.Tokens(new Random(3), 30), [])];
        var before = team.Loss(CrossEntropy.Instance, rows);
        using (no_grad())
        {
            parameters.Values.mul_(0.5);
        }

        using var fresh = new GradientTeam(parameters, 2);
        var after = team.Loss(CrossEntropy.Instance, rows);
        Assert.NotEqual(before, after);
        Assert.Equal(fresh.Loss(CrossEntropy.Instance, rows), after);
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
