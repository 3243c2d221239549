using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Courses;
using Noos.Factory.Models;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Language.Gguf;
using Noos.Training.Model;
using Noos.Training.Optimizers;
using Noos.Training.Reinforcement;
using Noos.Training.Runs;

namespace Noos.Factory.Policies;

/// <summary>
/// Trains a model by rewards, with answers of our own engine: the whole work of 'noos rl', for a terminal or a timer. What was stopped or
/// killed goes on where it was, to the same weights.
/// </summary>
/// <param name="options">How.</param>
/// <param name="model">The policy at the beginning, which is the reference too.</param>
/// <param name="courses">All courses; the examinations of all of them are kept out.</param>
/// <param name="folder">Holds the run and, at the end, the model and the report.</param>
public sealed class PolicyTraining(PolicyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, string folder)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "rl";

    /// <summary>Draws the answers; null: our own engine.</summary>
    public IPolicySampler? Sampler { get; init; }

    /// <summary>The trained model.</summary>
    public string ModelPath => Path.Combine(folder, model.Name + ".gguf");

    /// <summary>The report for people.</summary>
    public string ReportPath => Path.Combine(folder, "report.md");

    /// <summary>Trains until all is done, an alarm stops it, or the token asks to stop. Blocks for hours.</summary>
    /// <param name="ensemble">What judges; null: the checks of the questions alone.</param>
    /// <param name="text">Rows to learn beside the answers, against forgetting; null where there are none to be.</param>
    /// <param name="textName">Names them by content.</param>
    /// <param name="progress">Told on the thread that trains.</param>
    /// <param name="services">What the training takes from outside.</param>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <returns>The report; null when it was asked to stop.</returns>
    /// <exception cref="NoosException">The options cannot make a run, or the folder holds another one.</exception>
    public PolicyReport? Run(
        RewardEnsemble? ensemble = null, IRowSource? text = null, string textName = "", IProgress<StageProgress>? progress = null,
        RunServices? services = null, CancellationToken cancellationToken = default)
    {
        var maxPrompt = model.Config.ContextLength - options.Sampler.MaxTokens;
        var prompts = PolicyPrompts.Create(
            options.Prompts, options.Reinforcement.Seed, courses, model.Format, maxPrompt, options.Generators);
        var sampler = Sampler ?? new EngineSampler(model, folder, options.Sampler);
        var peak = options.MeasureEvery > 0 ? new PolicyPeak(options, model, courses, ensemble, folder) : null;
        services ??= new RunServices();
        var world = new ReinforcementServices(prompts, sampler, new PolicyReward(prompts, model.Tokenizer, ensemble, options.CheckWeight))
        {
            Text = text,
            Progress = progress is null ? null : new IterationProgress(options.Reinforcement.Iterations, progress),
            Snapshot = (iteration, policy) => peak?.Look(iteration, policy, cancellationToken),
            Alarm = alarm => progress?.Report(new StageProgress(StageName, StageState.Running) { Note = alarm.Message }),
        };
        var plan = ToPlan(textName);
        var description = TrainingDescription.For(
            $"{model.Name}: {options.Reinforcement.Method.ToString().ToUpperInvariant()}",
            ReinforcementRun.Complete(plan, options.Reinforcement, world),
            "Reinforcement learning from answers of the policy itself; the loss counts what it said.");
        using var recorder = new RunRecorder(folder, description);
        using var run = new ReinforcementRun(
            options.Reinforcement, plan, folder, world with { Run = services with { Observer = recorder } }, Begin);
        run.Run(cancellationToken);
        if (!run.IsComplete && run.Stopped is null)
        {
            return null;
        }

        if (run.IsComplete)
        {
            peak?.Measure(options.Reinforcement.Iterations, run.Policy, cancellationToken);
        }

        var history = RolloutFile.ReadMetrics(folder).ToArray();
        var best = peak?.Choose(run.Policy, Begin);
        model.Write(ModelPath, run.Policy, GgufTensorType.Q8_0);
        var alarms = history.SelectMany((_, index) => CollapseWatch.Look(history[..(index + 1)], options.Reinforcement));
        var report = new PolicyReport(history, [.. alarms])
        {
            WinRate = PolicyComparison.Measure(options, model, courses, run.Policy, Begin, folder, cancellationToken),
            Measurements = peak?.Measurements(history) ?? [],
            Peak = best,
            Stopped = run.Stopped,
            Model = ModelPath,
        };
        var markdown = report.ToMarkdown(description.Title);
        AtomicFile.Write(ReportPath, stream => stream.Write(Encoding.UTF8.GetBytes(markdown)));
        return report;
    }

    TrainingPlan ToPlan(string textName) => new()
    {
        Model = model.Config,
        Data = string.Create(
            CultureInfo.InvariantCulture,
            $"{model.Fingerprint} {options.Sampler.MaxTokens} {options.Sampler.Temperature:r} {options.Sampler.Type} {textName}"),
        AdamW = new AdamWOptions { LearningRate = options.LearningRate, WeightDecay = 0 },
        WarmupSteps = 5,
        Seed = options.Reinforcement.Seed,
        Workers = Math.Min(options.Workers, options.Reinforcement.RowsPerStep),
        EvaluateEvery = int.MaxValue,

        // Once an iteration: what an alarm forbids to learn from comes right after it.
        CheckpointEvery = options.Reinforcement.StepsPerIteration,
    };

    void Begin(Parameters parameters)
    {
        parameters.Initialize(options.Reinforcement.Seed);
        model.Load(parameters);
    }

    /// <summary>What was measured of an iteration, as progress of the stage.</summary>
    sealed class IterationProgress(int iterations, IProgress<StageProgress> progress) : IProgress<RolloutMetrics>
    {
        public void Report(RolloutMetrics value)
        {
            var truth = value.Truth is { } known ? string.Create(CultureInfo.InvariantCulture, $", truth {known:F3}") : "";
            progress.Report(new StageProgress(StageName, StageState.Running)
            {
                Done = value.Iteration,
                Total = iterations,
                Unit = "iterations",
                Detail = string.Create(
                    CultureInfo.InvariantCulture,
                    $"reward {value.Reward:F3}{truth}, KL {value.Kl:F2} at {value.KlWeight:F3}, {value.Length:F0} tokens, "
                    + $"entropy {value.Entropy:F2}"),
            });
        }
    }
}
