using System.IO.Hashing;
using System.Text.Json;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Optimizers;

namespace Noos.Training.Runs;

/// <summary>Everything that decides what a training run computes. Two runs with equal plans, data and code give equal weights.</summary>
public sealed record TrainingPlan
{
    public TransformerConfig Model { get; init; } = new();

    /// <summary>Names the data by content: vocabulary and rows. Other data is another run.</summary>
    public string Data { get; init; } = "";

    /// <summary>Updates in all.</summary>
    public long Steps { get; init; } = 20_000;

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

    public int EvaluateEvery { get; init; } = 500;

    public int CheckpointEvery { get; init; } = 250;

    /// <summary>Short hash of all settings: a run is not continued with other ones by accident.</summary>
    public string Hash() => XxHash3.HashToUInt64(JsonSerializer.SerializeToUtf8Bytes(this)).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <exception cref="NoosException">A number cannot make a run.</exception>
    public TrainingPlan Validate()
    {
        try
        {
            Model.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new NoosException(exception.Message, exception);
        }

        Require(Steps is > 0 and <= 1_000_000_000, $"The number of steps must be between 1 and 1,000,000,000, not {Steps}.");
        Require(RowsPerStep is > 0 and <= 65_536, $"The rows of one step must be between 1 and 65,536, not {RowsPerStep}.");
        Require(Workers > 0 && Workers <= RowsPerStep, $"The number of workers must be between 1 and the rows of one step ({RowsPerStep}), not {Workers}.");
        Require(AdamW.LearningRate is > 0 and < 1, $"The learning rate must be between 0 and 1, not {AdamW.LearningRate}; 0.002 is a good start.");
        Require(AdamW.Beta1 is >= 0 and < 1 && AdamW.Beta2 is >= 0 and < 1, "The betas of AdamW must lie in [0, 1).");
        Require(AdamW.WeightDecay is >= 0 and < 10, $"The weight decay must lie in [0, 10), not {AdamW.WeightDecay}.");
        Require(WarmupSteps >= 0 && DecayFraction is >= 0 and <= 1 && FinalFraction is >= 0 and <= 1, "Warm-up must not be negative, and the fractions of the schedule must lie in [0, 1].");
        Require(GradientClip > 0, $"The gradient clip must be positive, not {GradientClip}.");
        Require(EvaluateEvery > 0 && CheckpointEvery > 0, "Evaluations and checkpoints must come every 1 or more steps.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(message);
            }
        }
    }
}
