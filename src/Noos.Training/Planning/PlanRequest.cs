using Noos.Core;
using Noos.Training.Planning.Machines;
using Noos.Training.Planning.Models;
using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning;

/// <summary>A training run to plan: equal requests give equal plans.</summary>
public sealed record PlanRequest
{
    public required ModelShape Model { get; init; }

    /// <summary>Tokens to train on.</summary>
    public required double Tokens { get; init; }

    public required Accelerator Gpu { get; init; }

    /// <summary>GPUs that compute; spares come on top.</summary>
    public required int Gpus { get; init; }

    /// <summary>Tokens of one update; 0: <see cref="DefaultBatchTokens"/>.</summary>
    public double BatchTokens { get; init; }

    /// <summary>How the model lies on the GPUs; null for the fastest that fits.</summary>
    public ParallelLayout? Layout { get; init; }

    /// <summary>Dollars for a GPU and hour; null for that of <see cref="Accelerator.Price"/>.</summary>
    public double? Price { get; init; }

    public FailureRates Rates { get; init; } = new();

    public RecoveryDesign Design { get; init; } = RecoveryDesigns.Automatic;

    public LossLaw Law { get; init; } = LossLaw.Besiroglu;

    /// <summary>Seed of the first of the simulated runs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Simulated runs, for the spread.</summary>
    public int Trials { get; init; } = 16;

    /// <summary>Sequences of one update.</summary>
    public int Batch => Math.Max(1, (int)Math.Round((BatchTokens > 0 ? BatchTokens : DefaultBatchTokens(Model)) / Model.Sequence));

    /// <summary>What runs of this size use: half a million tokens for small models to 16 million for Llama 3 405B.</summary>
    public static double DefaultBatchTokens(ModelShape model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.ActiveParameterCount switch
        {
            >= 2e11 => 1 << 24,
            >= 3e10 => 1 << 23,
            >= 3e9 => 1 << 22,
            >= 5e8 => 1 << 20,
            _ => 1 << 19,
        };
    }

    /// <exception cref="NoosException">The request makes no sense.</exception>
    public PlanRequest Validate()
    {
        Model.Validate();
        Require(Tokens is >= 1e6 and <= 1e18, $"A run has a million to 10¹⁸ tokens, not {Tokens:g4}.");
        Require(Gpus is >= 1 and <= 1_000_000, $"A run has 1 to 1,000,000 GPUs, not {Gpus:N0}.");
        Require(
            BatchTokens == 0 || (BatchTokens >= Model.Sequence && BatchTokens <= Tokens),
            $"An update takes at least one sequence of {Model.Sequence:N0} tokens and at most all of them, not {BatchTokens:g4} tokens.");
        Require(Price is null or >= 0, $"The price of a GPU-hour must not be negative, and {Price} is.");
        Require(Trials is >= 1 and <= 1000, $"Give 1 to 1,000 simulated runs, not {Trials}.");
        Require(
            Rates is { Crashes: >= 0 and <= 1e5, Stragglers: >= 0 and <= 1e5, Corruptions: >= 0 and <= 1e5, RepairHours: > 0 },
            "Failure rates must not be negative, nor above 100,000 per thousand days of a server.");
        Require(Design.SpareShare is >= 0 and <= 1, $"Spares are at most as many as what they stand in for, not {Design.SpareShare:P0}.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }
}
