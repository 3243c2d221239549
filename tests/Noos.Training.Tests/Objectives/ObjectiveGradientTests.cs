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
    public void PairwiseRanking_with_wins_gradient_equals_autograd_and_rows_without_pairs_do_not_count()
    {
        var random = new Random(15);
        float[][] wins = [[0, 1, 0.5f, 0], [0, 0, 1, 0], [0.5f, 1, 0, 0], [0, 0, 0, 0]];
        TrainingRow[] sample =
        [
            .. wins.Take(3).Select(weights => Row(random, 50, masked: true) with { Extras = Columns((PairwiseRanking.Wins, weights)) }),
            new([1, 2], [false]) { Extras = Columns((PairwiseRanking.Wins, wins[3])) },
        ];
        var objective = new PairwiseRanking(4, 0.1, 0.01);

        Assert.Equal(4, objective.Weight(sample));
        AssertEqualsAutograd(objective, sample, (model, rows) =>
        {
            var rewards = rows.Take(3).Select(row => Values(model, row)[row.LastTarget]).ToArray();
            var loss = zeros([]);
            for (var better = 0; better < 3; better++)
            {
                for (var worse = 0; worse < 3; worse++)
                {
                    var difference = rewards[better] - rewards[worse];
                    loss = loss + (wins[better][worse] * ((-0.9 * functional.logsigmoid(difference))
                        - (0.1 * functional.logsigmoid(-difference)) + (0.01 * (rewards[better] + rewards[worse]).square())));
                }
            }

            return loss;
        });
    }

    [Fact]
    public void PairwiseRanking_with_wins_of_best_first_rows_equals_that_without()
    {
        var random = new Random(16);
        TrainingRow[] plain = [.. Enumerable.Range(0, 3).Select(_ => Row(random, 30, masked: false))];
        TrainingRow[] told = [.. plain.Select((row, place) => row with
        {
            Extras = Columns((PairwiseRanking.Wins, [.. Enumerable.Range(0, 3).Select(other => place < other ? 1f : 0f)])),
        })];
        var objective = new PairwiseRanking(3, 0.2, 0.01);
        using var parameters = SmallModel.Perturbed(objective.HeadParameters(SmallModel.Config));
        using var gradients = zeros(parameters.Layout.Length);
        using var worker = new GradientWorker(parameters, gradients, 3);

        Assert.Equal(worker.Loss(objective, plain), worker.Loss(objective, told));
        Assert.Equal(objective.Weight(plain), objective.Weight(told));
    }

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.05, 0.2)]
    public void DirectPreference_gradient_equals_autograd(double beta, double flipRate)
    {
        var random = new Random(6);
        TrainingRow[] sample = [.. new[] { -210f, -290f }.Select((reference, index) => Row(random, 60 + index, masked: true) with
        {
            Extras = Columns((DirectPreference.Reference, [reference])),
        })];

        AssertEqualsAutograd(new DirectPreference(beta, flipRate), sample, (model, rows) =>
        {
            var margins = rows.Select(row => (LogProbabilities(model, row) * Mask(row)).sum() - row.Extras[DirectPreference.Reference][0])
                .ToArray();
            var difference = beta * (margins[0] - margins[1]);
            return (-(1 - flipRate) * functional.logsigmoid(difference)) - (flipRate * functional.logsigmoid(-difference));
        });
    }

    [Theory]
    [InlineData(0.05, 0.1, 0.4, 0)]
    [InlineData(0, 0, 0, 0.3)]
    [InlineData(0.2, 0.5, 0, 0)]
    public void ClippedPolicy_gradient_equals_autograd_with_kl_and_critic(double kl, double valueWeight, double valueClip, double upperClip)
    {
        const int Length = 90;
        var row = AnswerRow(7, Length) with { Weights = SmallModel.Column(new Random(17), Length, 0.1f, 2) };
        var options = new PolicyOptions { KlWeight = kl, ValueWeight = valueWeight, ValueClip = valueClip };

        AssertEqualsAutograd(new ClippedPolicy(options, upperClip: upperClip), [row], (model, rows) =>
        {
            var logProbabilities = LogProbabilities(model, rows[0]);
            var ratio = (logProbabilities - Column(PolicyColumns.Old)).exp();
            var advantages = Column(PolicyColumns.Advantages);
            var losses = -minimum(ratio * advantages, ratio.clamp(0.8, 1 + (upperClip > 0 ? upperClip : 0.2)) * advantages)
                + KlLosses(logProbabilities, kl);
            if (valueWeight > 0)
            {
                var values = Values(model, rows[0]);
                var errors = (values - Column(PolicyColumns.Returns)).square();
                if (valueClip > 0)
                {
                    var old = Column(PolicyColumns.OldValues);
                    var clipped = old + (values - old).clamp(-valueClip, valueClip);
                    errors = maximum(errors, (clipped - Column(PolicyColumns.Returns)).square());
                }

                losses = losses + (0.5 * valueWeight * errors);
            }

            return (losses * tensor(rows[0].Weights) * Mask(rows[0])).sum();

            Tensor Column(string name) => tensor(rows[0].Extras[name]);

            Tensor KlLosses(Tensor now, double weight)
            {
                var behind = Column(PolicyColumns.Reference) - now;
                return weight * (behind.exp() - behind - 1);
            }
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void PolicyGradient_gradient_equals_autograd(double kl)
    {
        AssertEqualsAutograd(new PolicyGradient(new PolicyOptions { KlWeight = kl }), [AnswerRow(8, 70)], (model, rows) =>
        {
            var logProbabilities = LogProbabilities(model, rows[0]);
            var behind = tensor(rows[0].Extras[PolicyColumns.Reference]) - logProbabilities;
            var losses = (-tensor(rows[0].Extras[PolicyColumns.Advantages]) * logProbabilities) + (kl * (behind.exp() - behind - 1));
            return (losses * Mask(rows[0])).sum();
        });
    }

    [Fact]
    public void Text_row_of_a_policy_gives_the_gradient_of_weighted_cross_entropy()
    {
        var random = new Random(18);
        var objective = new ClippedPolicy(new PolicyOptions { TextWeight = 0.25 });
        TrainingRow[] sample = [Row(random, 60, masked: true)];

        Assert.Equal(0.25 * sample[0].TargetCount, objective.Weight(sample));
        AssertEqualsAutograd(objective, sample, (model, rows) => -0.25 * (LogProbabilities(model, rows[0]) * Mask(rows[0])).sum());
    }

    [Fact]
    public void Policy_without_a_critic_brings_no_parameters_and_names_its_settings()
    {
        Assert.Empty(new ClippedPolicy().HeadParameters(SmallModel.Config));
        Assert.Equal(
            [ValueHead.Weight, ValueHead.Bias],
            new ClippedPolicy(new PolicyOptions { ValueWeight = 0.1 }).HeadParameters(SmallModel.Config).Select(head => head.Name));
        Assert.Equal("clipped-policy", new ClippedPolicy().Name);
        Assert.Equal(
            "clipped-policy clip=0.1 kl=0.05 value=0.1",
            new ClippedPolicy(new PolicyOptions { KlWeight = 0.05, ValueWeight = 0.1 }, clip: 0.1).Name);
        Assert.Throws<NoosException>(() => new ClippedPolicy(clip: 1));
        Assert.Throws<NoosException>(() => new PolicyGradient(new PolicyOptions { KlWeight = double.NaN }));
        Assert.Throws<NoosException>(() => new DirectPreference(beta: 0));
    }

    [Fact]
    public void RowScorer_gives_log_probabilities_entropies_and_values_of_counted_positions_whatever_the_workers()
    {
        var random = new Random(19);
        TrainingRow[] rows = [.. Enumerable.Range(0, 5).Select(index => Row(random, 20 + index, masked: index > 0))];
        using var parameters = SmallModel.Perturbed(ValueHead.Parameters(SmallModel.Config));
        using var gradients = zeros(parameters.Layout.Length);
        using var reference = new AutogradTransformer(parameters, gradients);
        using var one = new RowScorer(parameters, 1);
        using var three = new RowScorer(parameters, 3);
        using var scope = NewDisposeScope();

        var (logProbabilities, entropies, values) = (three.LogProbabilities(rows), three.Entropies(rows), three.Values(rows));

        Assert.Equal(one.LogProbabilities(rows), logProbabilities);
        Assert.Equal(one.Values(rows), values);
        for (var index = 0; index < rows.Length; index++)
        {
            AssertEqual(LogProbabilities(reference, rows[index]) * Mask(rows[index]), logProbabilities[index]);
            AssertEqual(Values(reference, rows[index]) * Mask(rows[index]), values[index]);
            var all = functional.log_softmax(reference.Logits(rows[index].Tokens.AsSpan(0, rows[index].Length)), 1);
            AssertEqual(-(all.exp() * all).sum(1) * Mask(rows[index]), entropies[index]);
        }

        static void AssertEqual(Tensor expected, float[] actual) =>
            Assert.InRange((expected - tensor(actual)).abs().max().item<float>(), 0, 1e-3f);
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
        var advantages = row with { Extras = Columns((PolicyColumns.Advantages, new float[10])) };
        Assert.Contains(
            PolicyColumns.Old, Assert.Throws<NoosException>(() => team.Compute(new PolicyGradient(), [advantages, advantages])).Message,
            StringComparison.Ordinal);
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

    static TrainingRow AnswerRow(int seed, int length)
    {
        var random = new Random(seed);
        return Row(random, length, masked: true) with
        {
            Extras = Columns(
                (PolicyColumns.Advantages, SmallModel.Column(random, length, -2, 2)),
                (PolicyColumns.Old, SmallModel.Column(random, length, -6.5f, -4)),
                (PolicyColumns.Reference, SmallModel.Column(random, length, -6.5f, -4)),
                (PolicyColumns.Returns, SmallModel.Column(random, length, -1, 1)),
                (PolicyColumns.OldValues, SmallModel.Column(random, length, -1, 1))),
        };
    }

    static Dictionary<string, float[]> Columns(params ReadOnlySpan<(string Name, float[] Values)> columns)
    {
        var all = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var (name, values) in columns)
        {
            all.Add(name, values);
        }

        return all;
    }

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
