using Noos.Core;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Reinforcement;

public sealed class ReinforcementRunTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("noos-rl-").FullName;

    public static TheoryData<ReinforcementMethod> Methods => [.. Enum.GetValues<ReinforcementMethod>()];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_learns_what_is_rewarded(ReinforcementMethod method)
    {
        var rewards = new Metrics();
        using var run = TinyWorld.Open(In("learn"), Of(method) with { Iterations = 16 }, progress: rewards);

        run.Run(CancellationToken.None);

        Assert.True(run.IsComplete);
        Assert.Equal(16, rewards.All.Count);
        var (first, last) = (rewards.All[0].Reward, rewards.All.TakeLast(2).Average(metrics => metrics.Reward));
        Assert.True(last > first + 0.15, $"The reward was {first:F2} and is {last:F2}.");
        Assert.Equal(rewards.All[^1].Truth!.Value / 5, rewards.All[^1].Reward, 1e-5);
        Assert.Equal(0, rewards.All[0].Kl, 1e-6);
        Assert.True(rewards.All[^1].Kl > 0.01, $"The policy is still the reference: {rewards.All[^1].Kl}.");
    }

    [Theory]
    [InlineData(ReinforcementMethod.Rloo)]
    [InlineData(ReinforcementMethod.Ppo)]
    public void Run_that_is_stopped_or_dies_while_it_draws_ends_with_the_weights_of_an_undisturbed_one(ReinforcementMethod method)
    {
        var options = Of(method) with { Iterations = 6 };
        var expected = TinyWorld.Finish(In("whole"), options);

        // Dies: nothing is saved, the answers of finished iterations lie there.
        var draws = 0;
        using (var dying = TinyWorld.Open(In("parts"), options, new TinyWorld.Sampler
        {
            OnSample = () => Assert.NotEqual(4, ++draws),
        }))
        {
            Assert.ThrowsAny<Exception>(() => dying.Run(CancellationToken.None));
        }

        // Asked to stop while it draws.
        using (var stop = new CancellationTokenSource())
        using (var stopped = TinyWorld.Open(In("parts"), options, progress: new Metrics
        {
            OnReport = metrics =>
            {
                if (metrics.Iteration == 4)
                {
                    stop.Cancel();
                }
            },
        }))
        {
            stopped.Run(stop.Token);
            Assert.False(stopped.IsComplete);
        }

        Assert.Equal(expected, TinyWorld.Finish(In("parts"), options));
    }

    [Fact]
    public void Text_is_learned_beside_the_answers()
    {
        var options = TinyWorld.Options with { TextRows = 8, RowsPerStep = 8, Iterations = 10 };

        Assert.NotEqual(
            TinyWorld.Finish(In("with"), options, new Text()),
            TinyWorld.Finish(In("without"), TinyWorld.Options with { RowsPerStep = 8, Iterations = 10 }));
        Assert.Throws<NoosException>(() => TinyWorld.Open(In("none"), options));
    }

    [Fact]
    public void Run_that_goes_too_far_stops_before_it_learns_from_that_and_says_why()
    {
        var alarms = new List<CollapseAlarm>();
        using var run = TinyWorld.Open(In("far"), TinyWorld.Options with { MaxKl = 0.02, KlWeight = 0, KlTarget = 0 }, alarm: alarms.Add);

        run.Run(CancellationToken.None);

        Assert.False(run.IsComplete);
        Assert.Equal("divergence", run.Stopped?.Name);
        Assert.Contains("nats", run.Stopped!.Message, StringComparison.Ordinal);
        Assert.Contains(run.Stopped, alarms);
    }

    [Fact]
    public void Weight_of_the_divergence_follows_the_target()
    {
        var metrics = new Metrics();
        using var run = TinyWorld.Open(
            In("adaptive"), TinyWorld.Options with { KlTarget = 0.001, KlWeight = 0.01 }, progress: metrics);

        run.Run(CancellationToken.None);

        Assert.True(metrics.All[^1].KlWeight > metrics.All[1].KlWeight);
    }

    [Fact]
    public void Run_with_other_settings_in_the_same_folder_is_refused()
    {
        TinyWorld.Finish(In("first"), TinyWorld.Options with { Iterations = 1 });

        using (var longer = TinyWorld.Open(In("first"), TinyWorld.Options with { Iterations = 2 }))
        {
            Assert.False(longer.IsComplete);
        }

        Assert.Throws<NoosException>(() => TinyWorld.Open(In("first"), TinyWorld.Options with { KlWeight = 0.5 }));
    }

    [Theory]
    [InlineData(1, 16, 1)]
    [InlineData(4, 7, 1)]
    [InlineData(4, 16, 2)]
    public void Options_that_cannot_make_a_run_are_refused(int answers, int rowsPerStep, int epochs) =>
        Assert.Throws<NoosException>(() =>
            (TinyWorld.Options with { AnswersPerPrompt = answers, RowsPerStep = rowsPerStep, Epochs = epochs }).Validate());

    static ReinforcementOptions Of(ReinforcementMethod method) => TinyWorld.Options with
    {
        Method = method,
        Epochs = method is ReinforcementMethod.Rloo or ReinforcementMethod.Rejection ? 1 : 2,
        RowsPerStep = method is ReinforcementMethod.Dpo ? 8 : 16,
    };

    string In(string name) => Path.Combine(_folder, name);

    sealed class Metrics : IProgress<RolloutMetrics>
    {
        public List<RolloutMetrics> All { get; } = [];

        public Action<RolloutMetrics>? OnReport { get; init; }

        public void Report(RolloutMetrics value)
        {
            All.Add(value);
            OnReport?.Invoke(value);
        }
    }

    sealed class Text : IRowSource
    {
        public TrainingRow Read(long index) => new([.. Enumerable.Range(0, 20).Select(place => (int)((index + place) % 12))], []);
    }
}
