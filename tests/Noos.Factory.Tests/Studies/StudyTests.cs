using Noos.Core;
using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Factory.Rewards;
using Noos.Factory.Studies;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Studies;

/// <summary>Methods beside each other, and rewards that are driven too far, on a tiny model.</summary>
public sealed class StudyTests : IDisposable
{
    static readonly PolicyOptions s_policy = new()
    {
        Reinforcement = new ReinforcementOptions
        {
            Iterations = 2,
            PromptsPerIteration = 4,
            AnswersPerPrompt = 2,
            RowsPerStep = 8,
            TextRows = 0,
            KlWeight = 0,
            KlTarget = 0,
            MaxKl = 1e6,
            MaxTokenKl = 1e6,
        },
        Sampler = new SamplerOptions { MaxTokens = 8, Type = GgufTensorType.F32 },
        LearningRate = 1e-3,
        Prompts = 20,
        Generators = ["formats", "talk"],
        MeasureEvery = 1,
        MeasureQuestions = 6,
        HeldOut = 8,
    };

    static readonly RewardOptions s_reward = new() { Members = 1, PromptsPerStep = 4 };

    readonly TinyModel _file = new();
    readonly TemporaryFolder _folder = new();
    readonly TrainableModel _model;

    public StudyTests() => _model = TrainableModel.Open(_file.Path);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static RunServices Services => new() { MeasurePeak = () => 1e9 };

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Five_methods_are_in_one_table_and_what_is_done_is_not_done_again()
    {
        var options = new ComparisonOptions { Seeds = 1, Experts = 24, Reward = s_reward, Policy = s_policy };
        var comparison = new MethodComparison(options, _model, [], _folder.Path);

        var results = comparison.Run(services: Services, cancellationToken: Token)!;
        var written = Directory.GetFiles(_folder.Path, "*.gguf", SearchOption.AllDirectories)
            .ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var again = comparison.Run(services: Services, cancellationToken: Token)!;

        Assert.Equal(ComparisonOptions.AllMethods, results.Select(result => result.Method));
        Assert.Equal(results, again);
        Assert.All(written, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
        Assert.All(results, result => Assert.InRange(result.Labeler, 0, 1));
        Assert.Single(results.Select(result => result.Before).Distinct());
        var table = File.ReadAllText(comparison.ReportPath);
        Assert.All(ComparisonOptions.AllMethods, method => Assert.Contains($"| {method} | ", table, StringComparison.Ordinal));
        Assert.Throws<NoosException>(() =>
            new MethodComparison(options with { Methods = ["magic"] }, _model, [], _folder.Path)
                .Run(services: Services, cancellationToken: Token));
    }

    [Fact]
    public void Best_of_several_is_never_worse_than_the_first_by_its_own_reward()
    {
        var prompts = PolicyPrompts.Create(20, 1, [], _model.Format, 200, ["formats"]);
        var sampler = new EngineSampler(_model, _folder.Path, s_policy.Sampler);
        var reward = new PolicyReward(prompts, _model.Tokenizer);
        using var policy = new Noos.Training.Model.Parameters(_model.Config);
        _model.Load(policy);

        var drawn = sampler.Sample(policy, prompts.First(10), 4, 3, Token);
        var best = new BestOfSampler(sampler, reward, 4).Sample(policy, prompts.First(10), 1, 3, Token);

        Assert.Equal(
            drawn.Chunk(4).Select(some => reward.Score(some).Max(score => score.Value)),
            reward.Score(best).Select(score => score.Value));
        Assert.Equal(Enumerable.Range(0, 10), best.Select(rollout => rollout.Prompt));
    }

    [Fact]
    public void Study_draws_a_line_for_each_reward_and_goes_on_where_it_was_stopped()
    {
        var options = new StudyOptions
        {
            Comparisons = [60],
            Noise = [0.25],
            Members = [1, 2],
            Reward = s_reward,
            Policy = s_policy with { HeldOut = 0 },
        };
        using var stop = new CancellationTokenSource();
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value.Note?.EndsWith("is done.", StringComparison.Ordinal) == true)
                {
                    stop.Cancel();
                }
            },
        };
        var study = new OptimisationStudy(options, _model, [], _folder.Path);

        Assert.Null(study.Run(progress, Services, stop.Token));
        var runs = study.Run(services: Services, cancellationToken: Token)!;

        Assert.Equal([1, 2], runs.Select(run => run.Members));
        Assert.All(runs, run => Assert.Equal([0, 1, 2], run.Measurements.Select(one => one.Iteration)));
        Assert.All(runs, run => Assert.All(run.Measurements, one => Assert.NotNull(one.Proxy)));
        var html = File.ReadAllText(study.ReportPath);
        Assert.Contains("60 pairs, 2 models", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("<svg viewBox").Length - 1);
        Assert.Contains("| 60 pairs, 25 % noise, one model |", File.ReadAllText(study.MarkdownPath), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_finds_the_law_that_made_the_points()
    {
        var run = new StudyRun(500, 0, 1,
        [
            .. Enumerable.Range(0, 12).Select(step => step * 0.4).Select((d, step) => new PolicyMeasurement(step)
            {
                Kl = d * d,
                Truth = 0.5 + (d == 0 ? 0 : d * (0.3 - (0.2 * Math.Log(d)))),
            }),
        ]);

        var (a, b) = run.Fit()!.Value;

        Assert.Equal((0.3, 0.2), (Math.Round(a, 6), Math.Round(b, 6)));
        Assert.Null((run with { Measurements = [.. run.Measurements.Take(2)] }).Fit());
    }
}
