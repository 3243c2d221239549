using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Factory.Stages;
using Noos.Language.HuggingFace;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Training.Adapters;
using Noos.Training.Kernels;
using Noos.Training.Runs;

namespace Noos.Factory.Adapters;

/// <summary>
/// Trains a low-rank adapter of a model on conversations: the whole work of 'noos adapt', for a terminal or a timer. What was stopped or
/// killed goes on where it was, to the same bits. The base is only read.
/// </summary>
/// <param name="options">How.</param>
/// <param name="model">A GGUF file, or a folder with safetensors as Hugging Face keeps a model.</param>
/// <param name="output">The adapter to write; it appears whole when the training is done.</param>
/// <param name="folder">Holds the run.</param>
public sealed class AdapterTraining(AdapterOptions options, string model, string output, string folder)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "adapt";

    const long KeptActivations = 1L << 30;

    // A pass of less hardly pays for dequantizing the weights.
    const int MinTokensPerPass = 512;

    /// <summary>Trains until all is done or the token asks to stop. Blocks for long.</summary>
    /// <param name="conversations">What to learn.</param>
    /// <param name="progress">Told on the thread that trains.</param>
    /// <param name="services">What the training takes from outside.</param>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <returns>The report; null when it was asked to stop.</returns>
    /// <exception cref="NoosException">The model cannot be adapted, the options make no run, or the folder holds another one.</exception>
    public AdapterReport? Run(
        IEnumerable<Conversation> conversations, IProgress<StageProgress>? progress = null, RunServices? services = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        using var decoder = FrozenDecoder.Open(BasePath(progress, cancellationToken), options.Lora);
        var format = ChatFormats.For(decoder.File, Tokenizer.FromGguf(decoder.File));
        var rows = new AnswerRows(conversations, format, Math.Min(options.MaxLength, decoder.ContextLength), options.Seed);
        var plan = ToPlan(decoder, rows);
        Note(progress, Describe(decoder, rows, plan));
        using var run = new AdapterRun(decoder, plan, folder, rows, (services ?? new RunServices()) with
        {
            Progress = progress is null ? null : new RunStageProgress(StageName, progress, DetailOf),
        });
        run.Run(cancellationToken);
        if (!run.IsComplete)
        {
            return null;
        }

        run.Write(output, options.Name ?? Path.GetFileNameWithoutExtension(output));
        return new AdapterReport(output, decoder.Slots.Count, run.Step, run.Tokens, run.LastLoss);
    }

    static void Note(IProgress<StageProgress>? progress, string sentence) =>
        progress?.Report(new StageProgress(StageName, StageState.Running) { Note = sentence });

    static string Describe(FrozenDecoder decoder, AnswerRows rows, AdapterPlan plan)
    {
        var left = rows.TooLong == 0 ? "" : $", {rows.TooLong:N0} too long and left out";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Count:N0} rows with {rows.Targets:N0} tokens of answers{left}; {decoder.Slots.Count} matrices at rank "
            + $"{decoder.Options.Rank}; {plan.Steps:N0} updates in {ProductOptions.NameOf(plan.Products.Precision)}; activations "
            + $"{AdapterRun.ActivationBytes(decoder, plan) >> 20:N0} MB{(plan.Recompute ? ", computed twice" : "")}");
    }

    /// <summary>Adapters act on rows and names of a GGUF file; safetensors become one first, once, in the folder of the run.</summary>
    string BasePath(IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(model))
        {
            return model;
        }

        var path = Path.Combine(folder, "base.gguf");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            Note(progress, $"the base is converted to '{path}', which the adapter acts on");
            HuggingFaceConverter.Run(
                model, path, QuantizationMix.Parse("bf16"), options.Workers, value => progress?.Report(
                    new StageProgress(StageName, StageState.Running)
                    {
                        Done = value.Done,
                        Total = value.Total,
                        Unit = "values",
                        Detail = value.Tensor,
                    }),
                cancellationToken);
        }

        return path;
    }

    AdapterPlan ToPlan(FrozenDecoder decoder, AnswerRows rows)
    {
        var steps = options.Steps ?? (long)Math.Ceiling(options.Epochs * rows.Count / options.RowsPerStep);
        var plan = new AdapterPlan
        {
            Base = decoder.Fingerprint(),
            Data = rows.Fingerprint,
            Steps = Math.Max(1, steps),
            RowsPerStep = options.RowsPerStep,
            MaxLength = rows.MaxLength,
            TokensPerPass = Math.Max(rows.MaxLength, MinTokensPerPass),
            WarmupSteps = (int)Math.Min(10, steps / 10),
            Seed = options.Seed,
            Workers = options.Workers,
            CheckpointEvery = options.CheckpointEvery,
            Products = new ProductOptions { Precision = options.Precision ?? AdapterPlan.FastestPrecision },
        };
        plan = plan with { AdamW = plan.AdamW with { LearningRate = options.LearningRate } };
        return plan with
        {
            Recompute = options.Recompute
                ?? AdapterRun.ActivationBytes(decoder, plan) > Math.Max(KeptActivations, decoder.File.Length),
        };
    }

    static string DetailOf(RunProgress value) => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {value.Loss:F3}, {value.TokensPerSecond:N0} tokens/s, gradient {value.GradientNorm:F2}, rate {value.LearningRate:0.0e-0}");
}
