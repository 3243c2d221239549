using System.Globalization;
using Noos.Core;
using Noos.Corpus.Preferences;
using Noos.Courses;
using Noos.Factory.Models;
using Noos.Factory.Rewards;
using Noos.Factory.Stages;
using Noos.Language.Gguf;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Objectives;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Factory.Policies;

/// <summary>
/// Trains a model from preferences without rewards and without answers of its own (DPO): the baseline that reinforcement must beat. What
/// was stopped or killed goes on where it was, to the same weights.
/// </summary>
/// <param name="options">Rates, passes and how the end is compared; of the reinforcement β, passes, rows and seed.</param>
/// <param name="model">The beginning, which is the reference too.</param>
/// <param name="courses">All courses.</param>
/// <param name="groups">What was preferred.</param>
/// <param name="folder">Holds the run and, at the end, the model.</param>
public sealed class PairTraining(
    PolicyOptions options, TrainableModel model, IReadOnlyList<ICourse> courses, IReadOnlyList<PreferenceGroup> groups, string folder)
{
    /// <summary>The trained model.</summary>
    public string ModelPath => Path.Combine(folder, model.Name + ".gguf");

    /// <summary>Trains until all is done or the token asks to stop; either way the last state is saved. Blocks for hours.</summary>
    /// <returns>The report; null when it was asked to stop.</returns>
    /// <exception cref="NoosException">The options or preferences cannot make a run, or the folder holds another one.</exception>
    public PolicyReport? Run(
        IProgress<StageProgress>? progress = null, RunServices? services = null, CancellationToken cancellationToken = default)
    {
        var loop = options.Reinforcement;
        using var reference = new Parameters(model.Config);
        Begin(reference);
        using var scorer = new RowScorer(reference, options.Workers);
        var rows = new PairRows(groups, model.Format, model.Config.ContextLength, scorer, (ulong)loop.Seed);
        var perStep = Math.Max(2, loop.RowsPerStep / 2 * 2);
        var plan = new TrainingPlan
        {
            Model = model.Config,
            Objective = new DirectPreference(loop.Beta),
            Data = $"{model.Fingerprint} {RewardTraining.Fingerprint(groups)}",
            Steps = Math.Max(1, rows.Count * 2 * loop.Epochs / perStep),
            RowsPerStep = perStep,
            AdamW = new AdamWOptions { LearningRate = options.LearningRate, WeightDecay = 0 },
            WarmupSteps = 5,
            Seed = loop.Seed,
            Workers = Math.Min(options.Workers, perStep),
            EvaluateEvery = int.MaxValue,
            CheckpointEvery = 50,
        };
        using var recorder = new RunRecorder(folder, TrainingDescription.For(
            $"{model.Name}: DPO", plan, "The better answer of each pair is made likelier than the worse one, beside the beginning."));
        using var run = new TrainingRun(plan, folder, rows, NoEvaluation.Instance, Begin, (services ?? new RunServices()) with
        {
            Observer = recorder,
            Progress = progress is null ? null : new PairProgress(progress),
        });
        run.Run(cancellationToken);
        if (!run.IsComplete)
        {
            return null;
        }

        model.Write(ModelPath, run.Parameters, GgufTensorType.Q8_0);
        return new PolicyReport([], [])
        {
            WinRate = PolicyComparison.Measure(options, model, courses, run.Parameters, Begin, folder, cancellationToken),
            Model = ModelPath,
        };
    }

    void Begin(Parameters parameters)
    {
        parameters.Initialize(options.Reinforcement.Seed);
        model.Load(parameters);
    }

    sealed class PairProgress(IProgress<StageProgress> progress) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => progress.Report(value.Note is { } note
            ? new StageProgress(PolicyTraining.StageName, StageState.Running) { Note = note }
            : new StageProgress(PolicyTraining.StageName, StageState.Running)
            {
                Done = value.Step,
                Total = value.TotalSteps,
                Unit = "updates",
                Detail = string.Create(
                    CultureInfo.InvariantCulture,
                    $"loss {value.Loss:F3}, {value.TokensPerSecond:N0} tokens/s, gradient {value.GradientNorm:F2}"),
            });
    }
}
