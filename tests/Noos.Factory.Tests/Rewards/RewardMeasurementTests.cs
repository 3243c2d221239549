using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Factory.Rewards;

namespace Noos.Factory.Tests.Rewards;

public sealed class RewardMeasurementTests
{
    [Fact]
    public void Perfect_scores_have_the_accuracy_of_the_ceiling()
    {
        var groups = Groups(400, flipRate: 0.25);
        var truth = Truth(groups);

        var report = RewardMeasurement.Measure(groups, [truth, truth]);

        Assert.Equal(report.Ceiling, report.Accuracy);
        Assert.InRange(report.Accuracy, 0.7, 0.8);
        Assert.Equal((1, 1), (report.TrueAccuracy, report.Agreement));
        Assert.Equal(0, report.LengthCorrelation, 1e-9);
        Assert.All(report.AccuracyByKind.Values, accuracy => Assert.Equal(1, accuracy));
    }

    [Fact]
    public void Temperature_makes_too_sure_scores_honest()
    {
        // Labels are right as often as the logistic function of four times the difference says; the scores are far surer than that.
        var groups = Groups(4000, difference => 1 - (1 / (1 + Math.Exp(-4 * difference))));

        var report = RewardMeasurement.Measure(groups, [[.. Truth(groups).Select(score => 50 * score)]]);

        Assert.Equal(12.5, report.Temperature, 2.5);
        Assert.InRange(report.CalibrationError, 0, 0.05);
    }

    [Fact]
    public void Love_of_long_answers_shows_at_equal_quality()
    {
        var groups = Groups(300, flipRate: 0);
        var lengths = groups.SelectMany(group => group.Answers).Select(answer => (double)answer.Text.Split(' ').Length).ToArray();

        Assert.True(RewardMeasurement.Measure(groups, [lengths]).LengthCorrelation > 0.9);
    }

    [Fact]
    public void Without_the_truth_labels_alone_are_measured()
    {
        var groups = Groups(50, flipRate: 0.1).Select(group => group with
        {
            Answers = [.. group.Answers.Select(answer => answer with { TrueScore = null, Kind = null })],
        }).ToArray();

        var report = RewardMeasurement.Measure(groups, [new double[100]]);

        Assert.Equal((null, null, 0.5), (report.Ceiling, report.TrueAccuracy, report.Accuracy));
        Assert.Empty(report.AccuracyByKind);
        Assert.DoesNotContain("ceiling", report.ToText(), StringComparison.Ordinal);
    }

    // Two answers each, of drawn quality and length.
    static PreferenceGroup[] Groups(int count, double flipRate) => Groups(count, _ => flipRate);

    static PreferenceGroup[] Groups(int count, Func<double, double> flipRate)
    {
        var random = new Random(5);
        return
        [
            .. Enumerable.Range(0, count).Select(number =>
            {
                var (first, second) = (random.Next(1, 4) / 4.0, random.Next(4, 6) / 5.0);
                var isFlipped = random.NextDouble() < flipRate(second - first);
                return new PreferenceGroup(
                    Conversation.From(Message.User($"Question {number}")),
                    [Answer(first, "Wrong"), Answer(second, "None")], [isFlipped ? new Preference(0, 1) : new Preference(1, 0)]);
            }),
        ];

        PreferenceAnswer Answer(double truth, string kind) =>
            new([Message.Assistant(string.Join(' ', Enumerable.Repeat("word", random.Next(1, 20))))]) { TrueScore = truth, Kind = kind };
    }

    static double[] Truth(PreferenceGroup[] groups) =>
        [.. groups.SelectMany(group => group.Answers).Select(answer => answer.TrueScore!.Value)];
}
