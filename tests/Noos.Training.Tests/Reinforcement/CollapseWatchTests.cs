using Noos.Training.Reinforcement;

namespace Noos.Training.Tests.Reinforcement;

public sealed class CollapseWatchTests
{
    static readonly RolloutMetrics s_start = new()
    {
        Reward = 0.4,
        Truth = 0.4,
        Entropy = 2,
        Length = 20,
        Distinct = 0.8,
        CommonOpening = 0.1,
        Spread = 0.3,
    };

    public static TheoryData<string, RolloutMetrics> Collapses => new()
    {
        { "divergence", s_start with { Kl = 7 } },
        { "divergence", s_start with { TokenKl = 0.3 } },
        { "entropy", s_start with { Entropy = 0.9 } },
        { "variety", s_start with { Distinct = 0.7 } },
        { "opening", s_start with { CommonOpening = 0.3 } },
        { "length", s_start with { Length = 31 } },
        { "length", s_start with { Length = 9 } },
        { "ends", s_start with { Unended = 0.1 } },
        { "spread", s_start with { Spread = 0.01 } },
    };

    [Theory]
    [MemberData(nameof(Collapses))]
    public void Each_collapse_has_its_own_sentence_with_the_numbers(string name, RolloutMetrics metrics)
    {
        var alarm = Assert.Single(CollapseWatch.Look([s_start, metrics with { Iteration = 1 }], new ReinforcementOptions()));

        Assert.Equal((name, 1, name == "divergence"), (alarm.Name, alarm.Iteration, alarm.IsStop));
        Assert.EndsWith(".", alarm.Message, StringComparison.Ordinal);
        Assert.Contains(alarm.Message, char.IsDigit);
    }

    [Fact]
    public void Healthy_run_gives_no_alarm() =>
        Assert.Empty(CollapseWatch.Look([s_start, s_start with { Reward = 0.6, Truth = 0.6, Kl = 2, Entropy = 1.6 }], new()));

    [Fact]
    public void Reward_that_rises_while_the_truth_falls_stops_the_run()
    {
        var over = Enumerable.Range(0, 50).Select(iteration =>
            s_start with { Iteration = iteration, Reward = 0.4 + (iteration * 0.01), Truth = 0.6 - (iteration * 0.005) }).ToArray();
        var good = over.Select(metrics => metrics with { Truth = metrics.Reward }).ToArray();

        var alarm = Assert.Single(CollapseWatch.Look(over, new ReinforcementOptions()));
        Assert.Equal(("over-optimisation", true), (alarm.Name, alarm.IsStop));
        Assert.Empty(CollapseWatch.Look(good, new ReinforcementOptions()));
        Assert.Empty(CollapseWatch.Look(over[..30], new ReinforcementOptions()));
        Assert.Empty(CollapseWatch.Look([.. over.Select(metrics => metrics with { Truth = null })], new ReinforcementOptions()));
    }
}
