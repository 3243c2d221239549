using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Kernels;
using Noos.Training.Objectives;
using Noos.Training.Optimizers;

namespace Noos.Training.Runs;

/// <summary>Everything that decides what a training run computes. Two runs with equal plans, data and code give equal weights.</summary>
public sealed record TrainingPlan
{
    const long DefaultSteps = 20_000;

    public TransformerConfig Model { get; init; } = new();

    /// <summary>What is minimised.</summary>
    public IObjective Objective { get; init; } = CrossEntropy.Instance;

    /// <summary>Names the data by content: vocabulary and rows. Other data is another run.</summary>
    public string Data { get; init; } = "";

    /// <summary>Updates in all.</summary>
    public long Steps { get; init; } = DefaultSteps;

    /// <summary>Rows of one update; small batches lose nothing on one machine and need no accumulation (arXiv 2507.07101).</summary>
    public int RowsPerStep { get; init; } = 8;

    public AdamWOptions AdamW { get; init; } = new();

    /// <summary>Set: Muon for the block matrices, AdamW for the rest.</summary>
    public MuonOptions? Muon { get; init; }

    /// <summary>Linear warm-up, in updates.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>Share of the updates at the end over which the learning rate falls.</summary>
    public double DecayFraction { get; init; } = 0.5;

    /// <summary>Learning rate at the end, as a share of the peak.</summary>
    public double FinalFraction { get; init; } = 0.05;

    /// <summary>Gradients longer than this are shortened to it.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Seed of the initial weights and the order of the rows.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that compute gradients. Part of the plan: it decides the order in which gradients are summed.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>What multiplies matrices, one of <see cref="ProductOptions.Names"/>; each rounds in its own way.</summary>
    public string Kernels { get; init; } = ProductOptions.Auto;

    /// <summary>What matrix products read; sums, weights and moments are float32 in each.</summary>
    public Precision Precision { get; init; }

    public int EvaluateEvery { get; init; } = 500;

    public int CheckpointEvery { get; init; } = 250;

    /// <summary>
    /// Short hash of all settings: a run is not continued with other ones by accident. Made of named fields (<see cref="SettingsText"/>): a
    /// new setting is added to <see cref="ToText"/> with the default that keeps what runs did before it existed.
    /// </summary>
    /// <remarks>At a constant rate the number of steps decides nothing of any of them: such a run can be made longer.</remarks>
    public string Hash() => (DecayFraction == 0 ? this with { Steps = DefaultSteps } : this).ToText().Hash();

    /// <summary>Whether a hash found in a checkpoint is that of this plan, made today or by earlier versions.</summary>
    public bool HasHash(string hash) =>
        hash == Hash() || hash == ToText().Hash() || (ToTextOfNewFields().ToString().Length == 0 && hash == LegacyPlanHash.Compute(this));

    /// <exception cref="NoosException">A number cannot make a run.</exception>
    public TrainingPlan Validate()
    {
        try
        {
            Model.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new NoosException(ErrorKind.Invalid, exception.Message, exception);
        }

        Require(Steps is > 0 and <= 1_000_000_000, $"The number of steps must be between 1 and 1,000,000,000, not {Steps}.");
        Require(RowsPerStep is > 0 and <= 65_536, $"The rows of one step must be between 1 and 65,536, not {RowsPerStep}.");
        Require(
            Workers > 0 && Workers <= RowsPerStep,
            $"The number of workers must be between 1 and the rows of one step ({RowsPerStep}), not {Workers}.");
        Require(
            RowsPerStep % Objective.RowsPerSample == 0,
            $"The rows of one step must be a multiple of {Objective.RowsPerSample}, which the objective '{Objective.Name}' takes at a "
            + $"time, not {RowsPerStep}.");
        Require(
            AdamW.LearningRate is > 0 and < 1,
            $"The learning rate must be between 0 and 1, not {AdamW.LearningRate}; 0.002 is a good start.");
        Require(AdamW.Beta1 is >= 0 and < 1 && AdamW.Beta2 is >= 0 and < 1, "The betas of AdamW must lie in [0, 1).");
        Require(AdamW.WeightDecay is >= 0 and < 10, $"The weight decay must lie in [0, 10), not {AdamW.WeightDecay}.");
        Require(
            WarmupSteps >= 0 && DecayFraction is >= 0 and <= 1 && FinalFraction is >= 0 and <= 1,
            "Warm-up must not be negative, and the fractions of the schedule must lie in [0, 1].");
        Require(GradientClip > 0, $"The gradient clip must be positive, not {GradientClip}.");
        Require(EvaluateEvery > 0 && CheckpointEvery > 0, "Evaluations and checkpoints must come every 1 or more steps.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }

    /// <summary><see cref="Kernels"/> and <see cref="Precision"/>.</summary>
    internal ProductOptions Products => new() { Kernels = Kernels, Precision = Precision };

    /// <summary>All settings as canonical text, those at their first default left out.</summary>
    internal SettingsText ToText() => AddNewFields(new SettingsText()
        .Add("model.vocabulary_size", Model.VocabularySize, 4096)
        .Add("model.context_length", Model.ContextLength, 512)
        .Add("model.embedding_length", Model.EmbeddingLength, 256)
        .Add("model.block_count", Model.BlockCount, 6)
        .Add("model.feed_forward_length", Model.FeedForwardLength, 704)
        .Add("model.head_count", Model.HeadCount, 4)
        .Add("model.key_value_head_count", Model.KeyValueHeadCount, 2)
        .Add("model.head_length", Model.HeadLength, 64)
        .Add("model.rope_frequency_base", Model.RopeFrequencyBase, 10_000f)
        .Add("model.norm_epsilon", Model.NormEpsilon, 1e-6f)
        .Add("model.tied_embeddings", Model.TiedEmbeddings ? 1 : 0, 1)
        .Add("data", Data, "")
        .Add("steps", Steps, DefaultSteps)
        .Add("rows_per_step", RowsPerStep, 8)
        .Add("adamw.learning_rate", AdamW.LearningRate, 2e-3)
        .Add("adamw.beta1", AdamW.Beta1, 0.9)
        .Add("adamw.beta2", AdamW.Beta2, 0.999)
        .Add("adamw.epsilon", AdamW.Epsilon, 1e-8)
        .Add("adamw.weight_decay", AdamW.WeightDecay, 0.1)
        .Add("optimizer", Muon is null ? "adamw" : "muon", "adamw")
        .Add("muon.learning_rate", Muon?.LearningRate ?? 0.02, 0.02)
        .Add("muon.momentum", Muon?.Momentum ?? 0.95, 0.95)
        .Add("muon.weight_decay", Muon?.WeightDecay ?? 0, 0)
        .Add("warmup_steps", WarmupSteps, 200)
        .Add("decay_fraction", DecayFraction, 0.5)
        .Add("final_fraction", FinalFraction, 0.05)
        .Add("gradient_clip", GradientClip, 1)
        .Add("seed", Seed, 1)
        .Add("workers", Workers, 2)
        .Add("evaluate_every", EvaluateEvery, 500)
        .Add("checkpoint_every", CheckpointEvery, 250));

    SettingsText ToTextOfNewFields() => AddNewFields(new SettingsText());

    // What version 0.1 did not know. A plan that uses any of it cannot have the old hash.
    SettingsText AddNewFields(SettingsText text) => text
        .Add("objective", Objective.Name, "cross-entropy")
        .Add("kernels", Kernels, "auto")
        .Add("precision", ProductOptions.NameOf(Precision), "fp32");
}
