using Noos.Factory.Models;
using Noos.Factory.Policies;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Training.Model;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Policies;

/// <summary>The model that is kept is that of the best held-out answers.</summary>
public sealed class PolicyPeakTests : IDisposable
{
    static readonly PolicyOptions s_options = new()
    {
        Reinforcement = new ReinforcementOptions
        {
            Iterations = 4,
            PromptsPerIteration = 4,
            AnswersPerPrompt = 2,
            RowsPerStep = 4,
            TextRows = 0,
            MaxKl = 1e6,
            MaxTokenKl = 1e6,
        },
        Sampler = new SamplerOptions { MaxTokens = 8, Type = GgufTensorType.F32 },
        LearningRate = 3e-3,
        Prompts = 30,
        Generators = ["formats", "talk"],
        HeldOut = 0,
        MeasureEvery = 2,
        MeasureQuestions = 12,
    };

    readonly TinyModel _file = new();
    readonly TemporaryFolder _folder = new();
    readonly TrainableModel _model;

    public PolicyPeakTests() => _model = TrainableModel.Open(_file.Path);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static RunServices Services => new() { MeasurePeak = () => 1e9 };

    public void Dispose()
    {
        _model.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Model_is_that_of_the_best_measurement_and_a_stopped_run_measures_the_same()
    {
        var whole = new PolicyTraining(s_options, _model, [], _folder.File("whole"));
        var report = whole.Run(services: Services, cancellationToken: Token)!;
        using var stop = new CancellationTokenSource();
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value is { Unit: "iterations", Done: 2 })
                {
                    stop.Cancel();
                }
            },
        };
        var parts = new PolicyTraining(s_options, _model, [], _folder.File("parts"));
        Assert.Null(parts.Run(progress: progress, services: Services, cancellationToken: stop.Token));
        var resumed = parts.Run(services: Services, cancellationToken: Token)!;

        Assert.Equal([0, 2, 4], report.Measurements.Select(one => one.Iteration));
        Assert.Equal(report.Measurements, resumed.Measurements);
        Assert.Equal(report.Measurements.MaxBy(one => one.Truth)!.Iteration, report.Peak);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(parts.ModelPath));
        Assert.Contains("the peak of the truth", File.ReadAllText(whole.ReportPath), StringComparison.Ordinal);

        // One set of weights is kept beside the measurements, and it is the model.
        using var peak = TrainableModel.Open(Assert.Single(Directory.GetFiles(_folder.File("whole/measured"), "*.gguf")));
        using var weights = new Parameters(peak.Config);
        peak.Load(weights);
        _model.Write(_folder.File("peak.gguf"), weights, GgufTensorType.Q8_0);
        Assert.Equal(File.ReadAllBytes(_folder.File("peak.gguf")), File.ReadAllBytes(whole.ModelPath));
    }

    [Fact]
    public void Policy_that_grows_worse_from_the_start_is_left_at_its_beginning()
    {
        // So high a rate breaks it at once.
        var options = s_options with { LearningRate = 0.05, MeasureQuestions = 40 };
        var training = new PolicyTraining(options, _model, [], _folder.File("broken"));

        var report = training.Run(services: Services, cancellationToken: Token)!;

        var best = report.Measurements.MaxBy(one => one.Truth)!;
        Assert.Equal(best.Iteration, report.Peak);
        Assert.All(report.Measurements, one => Assert.True(one.Truth <= best.Truth));
    }
}
