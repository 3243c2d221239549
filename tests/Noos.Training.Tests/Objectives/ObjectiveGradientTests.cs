using Noos.Core;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Tests.Model;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Noos.Training.Tests.Objectives;

/// <summary>Each objective's own gradient beside that of the same loss written in TorchSharp and differentiated by autograd.</summary>
public sealed class ObjectiveGradientTests
{
    const float Scale = 0.25f;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WeightedCrossEntropy_gradient_equals_autograd(bool masked)
    {
        var random = new Random(3);
        var row = Row(random, 83, masked) with { Weights = SmallModel.Column(random, 83, -0.5f, 2) };

        AssertEqualsAutograd(new WeightedCrossEntropy(), [row], (model, rows) =>
            (-LogProbabilities(model, rows[0]) * tensor(rows[0].Weights) * Mask(rows[0])).sum());
    }

    [Fact]
    public void WeightedCrossEntropy_without_weights_is_the_cross_entropy()
    {
        var random = new Random(4);
        TrainingRow[] sample = [Row(random, 40, masked: true)];
        using var parameters = SmallModel.Perturbed();
        using var gradients = zeros(parameters.Layout.Length);
        using var worker = new GradientWorker(parameters, gradients);

        Assert.Equal(worker.Loss(CrossEntropy.Instance, sample), worker.Loss(new WeightedCrossEntropy(), sample));
        Assert.Equal(CrossEntropy.Instance.Weight(sample), new WeightedCrossEntropy().Weight(sample));
    }

    [Theory]
    [InlineData(2, 0, 0)]
    [InlineData(4, 0.1, 0.01)]
    public void PairwiseRanking_gradient_equals_autograd_value_head_included(int answers, double flipRate, double centering)
    {
        var random = new Random(5);
        TrainingRow[] sample = [.. Enumerable.Range(0, answers).Select(answer => Row(random, 40 + (17 * answer), masked: answer % 2 == 1))];

        AssertEqualsAutograd(new PairwiseRanking(answers, flipRate, centering), sample, (model, rows) =>
        {
            var rewards = rows.Select(row => Values(model, row)[row.LastTarget]).ToArray();
            var loss = zeros([]);
            for (var better = 0; better < rewards.Length; better++)
            {
                for (var worse = better + 1; worse < rewards.Length; worse++)
                {
                    var difference = rewards[better] - rewards[worse];
                    loss = loss - ((1 - flipRate) * functional.logsigmoid(difference)) - (flipRate * functional.logsigmoid(-difference))
                        + (centering * (rewards[better] + rewards[worse]).square());
                }
            }

            return loss;
        });
    }

    [Fact]
    public void Direct_preference_optimisation_can_be_written_without_touching_the_transformer()
    {
        const double Beta = 0.1;
        var random = new Random(6);
        TrainingRow[] sample = [.. new[] { -210f, -290f }.Select((reference, index) => Row(random, 60 + index, masked: true) with
        {
            Extras = new Dictionary<string, float[]> { [DirectPreference.Reference] = [reference] },
        })];

        AssertEqualsAutograd(new DirectPreference(Beta), sample, (model, rows) =>
        {
            var margins = rows.Select(row => (LogProbabilities(model, row) * Mask(row)).sum() - row.Extras[DirectPreference.Reference][0])
                .ToArray();
            return -functional.logsigmoid(Beta * (margins[0] - margins[1]));
        });
    }

    [Fact]
    public void Clipped_policy_with_kl_and_critic_can_be_written_without_touching_the_transformer()
    {
        const int Length = 90;
        var random = new Random(7);
        var row = Row(random, Length, masked: true) with
        {
            Extras = new Dictionary<string, float[]>
            {
                ["advantages"] = SmallModel.Column(random, Length, -2, 2),
                ["old"] = SmallModel.Column(random, Length, -6.5f, -4),
                ["reference"] = SmallModel.Column(random, Length, -6.5f, -4),
                ["returns"] = SmallModel.Column(random, Length, -1, 1),
            },
        };

        AssertEqualsAutograd(new ClippedPolicy(clip: 0.2, kl: 0.05, valueWeight: 0.1), [row], (model, rows) =>
        {
            var logProbabilities = LogProbabilities(model, rows[0]);
            var ratio = (logProbabilities - tensor(rows[0].Extras["old"])).exp();
            var advantages = tensor(rows[0].Extras["advantages"]);
            var behind = tensor(rows[0].Extras["reference"]) - logProbabilities;
            var errors = Values(model, rows[0]) - tensor(rows[0].Extras["returns"]);
            var losses = -minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages) + (0.05 * (behind.exp() - behind - 1))
                + (0.05 * errors.square());
            return (losses * Mask(rows[0])).sum();
        });
    }

    [Fact]
    public void Rows_without_what_the_objective_needs_are_refused_in_one_sentence()
    {
        using var parameters = SmallModel.Perturbed();
        using var team = new GradientTeam(parameters, 2, 2);
        var row = Row(new Random(8), 10, masked: false);

        var missing = Assert.Throws<NoosException>(() => team.Compute(new DirectPreference(1), [row, row]));
        Assert.Contains(DirectPreference.Reference, missing.Message, StringComparison.Ordinal);
        Assert.Throws<NoosException>(() => team.Compute(new WeightedCrossEntropy(), [row with { Weights = [1, 2] }]));
        Assert.Throws<NoosException>(() => team.Compute(new DirectPreference(1), [row, row, row]));
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0.5, 0)]
    [InlineData(2, double.NaN, 0)]
    [InlineData(2, 0, -1)]
    public void PairwiseRanking_with_absurd_numbers_is_refused(int rows, double flipRate, double centering) =>
        Assert.Throws<NoosException>(() => new PairwiseRanking(rows, flipRate, centering));

    static void AssertEqualsAutograd(IObjective objective, TrainingRow[] sample, Func<AutogradTransformer, TrainingRow[], Tensor> loss)
    {
        using var parameters = SmallModel.Perturbed(objective.HeadParameters(SmallModel.Config));
        using var expected = zeros(parameters.Layout.Length);
        using var actual = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, expected);
        using var worker = new GradientWorker(parameters, actual, sample.Length);
        double expectedLoss;
        using (NewDisposeScope())
        {
            var summed = loss(reference, sample);
            (summed * Scale).backward();
            expectedLoss = summed.item<float>();
        }

        var actualLoss = worker.AddGradient(objective, sample, Scale);

        Assert.Equal(expectedLoss, actualLoss, tolerance: 1e-4 * Math.Abs(expectedLoss));
        Assert.Equal(actualLoss, worker.Loss(objective, sample));
        SmallModel.AssertEqualGradients(parameters.Layout, expected, actual);
        Assert.All(parameters.Layout.Slots, slot =>
        {
            using var gradient = Parameters.View(expected, slot);
            Assert.True(slot.Name == ValueHead.Bias
                || gradient.abs().max().item<float>() > 1e-6, $"{slot.Name} has no gradient to compare.");
        });
    }

    static TrainingRow Row(Random random, int length, bool masked) =>
        new(SmallModel.Tokens(random, length), masked ? [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0)] : []);

    // [length] log-probability of each target.
    static Tensor LogProbabilities(AutogradTransformer model, TrainingRow row) => -functional.cross_entropy(
        model.Logits(row.Tokens.AsSpan(0, row.Length)),
        tensor(row.Tokens[1..].Select(token => (long)token).ToArray()),
        reduction: Reduction.None);

    // [length] value of each position.
    static Tensor Values(AutogradTransformer model, TrainingRow row) =>
        model.Hidden(row.Tokens.AsSpan(0, row.Length)).matmul(model.Weight(ValueHead.Weight)) + model.Weight(ValueHead.Bias);

    static Tensor Mask(TrainingRow row) =>
        tensor(Enumerable.Range(0, row.Length).Select(position => row.Counts(position) ? 1f : 0f).ToArray());
}
