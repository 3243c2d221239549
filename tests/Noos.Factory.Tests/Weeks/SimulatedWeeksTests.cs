using Noos.Courses.Talk;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Factory.Recipes;
using Noos.Factory.Weeks;
using Noos.Testing;

namespace Noos.Factory.Tests.Weeks;

/// <summary>Whole weeks of a tiny model with scripted users, some of them careless and hostile.</summary>
public sealed class SimulatedWeeksTests : IDisposable
{
    readonly TinyModel _model = new();
    readonly TemporaryFolder _folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    // Ten take some minutes.
    static int Weeks => int.Parse(
        Environment.GetEnvironmentVariable("NOOS_TEST_WEEKS") ?? "2", System.Globalization.CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Weeks_with_hostile_users_promote_no_regression_and_go_on_where_they_were_stopped()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value is { Stage: "rl", State: Noos.Factory.Stages.StageState.Done })
                {
                    stop.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Simulation(progress).RunAsync(2, stop.Token));
        var weeks = await Simulation(null).RunAsync(Weeks, Token);
        var again = await Simulation(null).RunAsync(Weeks, Token);

        TestContext.Current.TestOutputHelper?.WriteLine(SimulatedWeeks.ToMarkdown(weeks));
        Assert.Equal(Enumerable.Range(1, Weeks), weeks.Select(week => week.Week));
        Assert.Equal(weeks, again);

        // Two careless users and a hostile one, of ten.
        Assert.All(weeks, week => Assert.True(week.Unreliable > 0 && week.Learned > week.Unreliable, $"{week}"));

        // It has learned to talk, where it could only babble.
        Assert.True(weeks[0] is { IsPromoted: true, WinRate: > 0.7, Score: > 0.45 }, $"{weeks[0]}");

        // On questions that no gate has seen the model that answers is never worse than the one before.
        var before = 0.0;
        foreach (var week in weeks)
        {
            Assert.True(!week.IsPromoted || week.Score >= before, $"{week} after {before}");
            Assert.True(week.IsPromoted || week.Reason!.Length > 0);
            before = week.Score;
        }

        Assert.Contains("| 2 | ", await File.ReadAllTextAsync(_folder.File("simulation.md"), Token), StringComparison.Ordinal);
    }

    SimulatedWeeks Simulation(ProgressList? progress) => new(
        new WeekRecipe
        {
            Name = "Tiny",
            Base = _model.Path,
            Assistant = _model.Path,
            Courses = [new RecipeCourse { Name = "talk", Count = 100 }],
            FineTune = new WeekFineTuning { MaxSteps = 1500, Rows = 4, LearningRate = 0.003, Epochs = 1000 },
            Reward = new WeekReward { Members = 1, Experts = 30, PromptsPerStep = 4 },
            Reinforce = new WeekReinforcement
            {
                Method = "rloo",
                Iterations = 2,
                PromptsPerIteration = 4,
                Answers = 2,
                MaxTokens = 48,
                TextRows = 2,
                Prompts = 20,
                Questions = ["formats", "talk"],
                MeasureEvery = 1,
                MeasureQuestions = 8,
                MaxKl = 1000,
                MaxTokenKl = 1000,
            },
            Gate = new WeekGate { Courses = ["talk"], Questions = 6, Rounds = 1, Prompts = 100, MaxTokens = 48 },
        },
        _folder.Path,
        new WeekServices(
            [new TalkCourse()], new ChampionStore(_folder.File("of-the-home")), name => name,
            path => ModelSource.OpenCpu(new NoosOptions { Model = path }), () => [])
        {
            Progress = progress,
            Texts = _ => AsyncEnumerable.Range(0, 30).Select(number => $"Article {number} tells of rivers, hills and {number} towns."),
            MeasurePeak = () => 1e9,
        },
        new SimulationOptions { PromptsPerUser = 15 });
}
