using System.Globalization;
using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Training.Adapters;

/// <summary>
/// Everything that decides what a training of an adapter computes, besides the form of the adapter, which the base was opened with. Two
/// runs with equal plans, data and code give equal bits.
/// </summary>
public sealed record AdapterPlan
{
    /// <summary>Names the base by content.</summary>
    public string Base { get; init; } = "";

    /// <summary>Names the rows by content.</summary>
    public string Data { get; init; } = "";

    /// <summary>Updates in all.</summary>
    public long Steps { get; init; } = 100;

    /// <summary>Rows of one update.</summary>
    public int RowsPerStep { get; init; } = 8;

    /// <summary>Longest row in tokens.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>
    /// Most tokens that one worker takes through the weights at a time; at least <see cref="MaxLength"/>. More tokens share the cost of
    /// dequantizing, and need memory for their activations.
    /// </summary>
    public int TokensPerPass { get; init; } = 512;

    /// <summary>Low-rank pairs want a rate some ten times that of full fine-tuning, and no weight decay.</summary>
    public AdamWOptions AdamW { get; init; } = new() { LearningRate = 2e-4, WeightDecay = 0 };

    /// <summary>Linear warm-up, in updates.</summary>
    public int WarmupSteps { get; init; } = 10;

    /// <summary>Share of the updates at the end over which the learning rate falls.</summary>
    public double DecayFraction { get; init; } = 0.5;

    /// <summary>Learning rate at the end, as a share of the peak.</summary>
    public double FinalFraction { get; init; } = 0.05;

    /// <summary>Gradients longer than this are shortened to it.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Seed of the initial values and of dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that compute gradients. Part of the plan: it decides the order in which gradients are summed.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>What multiplies, one of <see cref="ProductOptions.Names"/> but libtorch.</summary>
    public ProductOptions Products { get; init; } = new();

    public int CheckpointEvery { get; init; } = 50;

    /// <summary>
    /// Activations are computed again in the backward pass. Changes no bit, so it may change between a stop and a resumption.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The precision that this machine is fastest in.</summary>
    public static Precision FastestPrecision => EmittedTileKernel.BFloat16 is null ? Precision.Fp32 : Precision.Bf16;

    /// <exception cref="NoosException">A number cannot make a run.</exception>
    public AdapterPlan Validate()
    {
        Require(Steps is > 0 and <= 1_000_000_000, $"The number of updates must be between 1 and 1,000,000,000, not {Steps}.");
        Require(RowsPerStep is > 0 and <= 65_536, $"The conversations of an update must be between 1 and 65,536, not {RowsPerStep}.");
        Require(Workers is > 0 and <= 1024, $"The number of workers must be between 1 and 1,024, not {Workers}.");
        Require(MaxLength is > 1 and <= 1 << 20, $"The longest row must have between 2 and {1 << 20} tokens, not {MaxLength}.");
        Require(TokensPerPass >= MaxLength, $"A pass must take a whole row of {MaxLength} tokens, not {TokensPerPass}.");
        Require(
            AdamW.LearningRate is > 0 and < 1,
            string.Create(
                CultureInfo.InvariantCulture, $"The learning rate must be between 0 and 1, not {AdamW.LearningRate}; 0.0002 is usual."));
        Require(
            WarmupSteps >= 0 && DecayFraction is >= 0 and <= 1 && FinalFraction is >= 0 and <= 1,
            "Warm-up must not be negative, and the fractions of the schedule must lie in [0, 1].");
        Require(GradientClip > 0, $"The gradient clip must be positive, not {GradientClip}.");
        Require(CheckpointEvery > 0, "Checkpoints must come every 1 or more updates.");
        Require(
            Products.Kernels != ProductOptions.Libtorch,
            $"Adapters are trained without libtorch; choose the kernels {ProductOptions.Auto}.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }

    /// <summary>Short hash of all settings: a run is not continued with other ones by accident.</summary>
    internal string Hash(LoraOptions form) => new SettingsText()
        .Add("base", Base, "")
        .Add("data", Data, "")
        .Add("rank", form.Rank, 16)
        .Add("alpha", form.Alpha, 32)
        .Add("dropout", form.Dropout, 0)
        .Add("targets", string.Join(',', form.Targets), "")
        .Add("steps", Steps, 100)
        .Add("rows_per_step", RowsPerStep, 8)
        .Add("max_length", MaxLength, 1024)
        .Add("tokens_per_pass", TokensPerPass, 512)
        .Add("adamw.learning_rate", AdamW.LearningRate, 2e-4)
        .Add("adamw.beta1", AdamW.Beta1, 0.9)
        .Add("adamw.beta2", AdamW.Beta2, 0.999)
        .Add("adamw.epsilon", AdamW.Epsilon, 1e-8)
        .Add("adamw.weight_decay", AdamW.WeightDecay, 0)
        .Add("warmup_steps", WarmupSteps, 10)
        .Add("decay_fraction", DecayFraction, 0.5)
        .Add("final_fraction", FinalFraction, 0.05)
        .Add("gradient_clip", GradientClip, 1)
        .Add("seed", Seed, 1)
        .Add("workers", Workers, 2)
        .Add("kernels", Products.Kernels, ProductOptions.Auto)
        .Add("precision", ProductOptions.NameOf(Products.Precision), "fp32")
        .Hash();
}
