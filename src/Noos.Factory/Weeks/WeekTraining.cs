using System.Globalization;
using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Factory.Models;
using Noos.Factory.Stages;
using Noos.Language.Gguf;
using Noos.Training.FineTuning;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Factory.Weeks;

/// <summary>
/// Supervised fine-tuning of a model file on a file of conversations: loss on the assistant's words alone. What was stopped or killed goes
/// on where it was, to the same weights.
/// </summary>
/// <param name="settings">How.</param>
/// <param name="begin">The beginning.</param>
/// <param name="form">Gives the result its layout, tools and advice; of the same shape.</param>
sealed class WeekTraining(WeekFineTuning settings, TrainableModel begin, TrainableModel form)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "sft";

    /// <param name="lessons">Conversations as JSON lines.</param>
    public static ConversationRows OpenRows(string lessons, TrainableModel model, int seed) =>
        new(ConversationFile.Read(lessons), model.Format, model.Config.ContextLength + 1, (ulong)seed);

    /// <summary>Updates that the passes take.</summary>
    /// <param name="hasText">Rows of text come among those of the lessons.</param>
    public static long CountSteps(WeekFineTuning settings, long rowsPerEpoch, bool hasText)
    {
        var rows = rowsPerEpoch * settings.Epochs;
        rows += hasText ? rows / (settings.TextEvery - 1) : 0;
        return Math.Max(1, Math.Min(settings.MaxSteps ?? long.MaxValue, (long)Math.Ceiling(rows / settings.Rows)));
    }

    /// <summary>Trains until all is done or the token asks to stop; either way the last state is saved.</summary>
    /// <param name="lessons">Conversations as JSON lines.</param>
    /// <param name="text">What comes among them; null for nothing.</param>
    /// <param name="folder">Holds the run.</param>
    /// <param name="path">The model goes there.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="services">What the training takes from outside.</param>
    /// <param name="progress">Told on the thread that trains.</param>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <returns>Whether it is done.</returns>
    /// <exception cref="NoosException">The two models differ in shape or vocabulary, or no conversation fits.</exception>
    public bool Run(
        string lessons, WeekText? text, string folder, string path, string name, RunServices services, IProgress<StageProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (begin.Config with { ContextLength = form.Config.ContextLength } != form.Config
            || begin.Tokenizer.Fingerprint != form.Tokenizer.Fingerprint)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                "The base model and the assistant differ in shape or vocabulary; name the base that the assistant was made from.");
        }

        var rows = OpenRows(lessons, form, settings.Seed);
        var steps = CountSteps(settings, rows.RowsPerEpoch, text is not null);
        var plan = new TrainingPlan
        {
            Model = form.Config,
            Data = $"{begin.Fingerprint} {PackedConversations.FileHash(lessons)}"
                + (text is null ? "" : $" {text.Fingerprint} {settings.TextEvery}"),
            Steps = steps,
            RowsPerStep = settings.Rows,
            AdamW = new AdamWOptions { LearningRate = settings.LearningRate },
            WarmupSteps = (int)Math.Min(settings.Warmup, steps / 10),
            Seed = settings.Seed,
            Workers = Math.Min(settings.Workers, settings.Rows),
            EvaluateEvery = int.MaxValue,
            CheckpointEvery = settings.CheckpointEvery,
        }.Validate();
        var description = TrainingDescription.For(
            $"{name}: fine-tuning", plan, "Supervised fine-tuning on lessons and demonstrations; the loss counts the assistant's words.")
            with
        {
            Data = new ReportTable(
                ["conversations", "too long", "rows per epoch"],
                [[$"{rows.ConversationCount:N0}", $"{rows.TooLong:N0}", $"{rows.RowsPerEpoch:N0}"]]),
        };
        using var recorder = new RunRecorder(folder, description);
        IRowSource mixed = text is null
            ? new PackedConversations(rows)
            : new MixedRows(
                new PackedConversations(rows),
                text.Rows(form.Tokenizer, form.Config.ContextLength + 1, Permutation.Mix((ulong)settings.Seed, 1)), settings.TextEvery);
        using var run = new TrainingRun(
            plan, folder, mixed, NoEvaluation.Instance,
            parameters =>
            {
                parameters.Initialize(settings.Seed);
                begin.Load(parameters);
            },
            services with
            {
                Observer = recorder,
                Progress = progress is null ? null : new RunStageProgress(StageName, progress, DetailOf),
            });
        run.Run(cancellationToken);
        if (run.IsComplete)
        {
            form.Write(path, run.Parameters, GgufTensorType.Q8_0, name);
        }

        return run.IsComplete;
    }

    static string DetailOf(RunProgress value) => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {value.Loss:F3}, {value.TokensPerSecond:N0} tokens/s, gradient {value.GradientNorm:F2}");
}
