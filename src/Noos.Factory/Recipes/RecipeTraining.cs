using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Kernels;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Factory.Recipes;

/// <summary>Settings of one training stage; see <see cref="TrainingPlan"/>.</summary>
public record RecipeTraining
{
    public long Steps { get; init; } = 20_000;

    public int Rows { get; init; } = 8;

    /// <summary><c>adamw</c> or <c>muon</c>.</summary>
    public string Optimizer { get; init; } = "adamw";

    /// <summary>Peak rate of AdamW.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Peak rate of Muon for the matrices of the blocks; null: 0.02. Left out of keys when it is not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MuonLearningRate { get; init; }

    public double Beta2 { get; init; } = 0.999;

    public double WeightDecay { get; init; } = 0.1;

    public int Warmup { get; init; } = 200;

    public double DecayFraction { get; init; } = 0.5;

    public double FinalFraction { get; init; } = 0.05;

    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = 2;

    /// <summary>
    /// What matrix products read, fp32 or bf16; null: fp32. Left out of the stage's key when it is not given, so that models made before it
    /// existed are not stale.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Precision { get; init; }

    /// <summary>What multiplies, one of <see cref="ProductOptions.Names"/>; null: the fastest of this machine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kernels { get; init; }

    public int EvaluateEvery { get; init; } = 500;

    public int CheckpointEvery { get; init; } = 250;

    public IReadOnlyList<string> Prompts { get; init; } = ["Once upon a time"];

    /// <param name="model">Shape of the model.</param>
    /// <param name="data">Names the data by content.</param>
    public TrainingPlan ToPlan(TransformerConfig model, string data) => new()
    {
        Model = model,
        Data = data,
        Steps = Steps,
        RowsPerStep = Rows,
        AdamW = new AdamWOptions { LearningRate = LearningRate, Beta2 = Beta2, WeightDecay = WeightDecay },
        Muon = Optimizer switch
        {
            "adamw" => null,
            "muon" => new MuonOptions { LearningRate = MuonLearningRate ?? new MuonOptions().LearningRate },
            _ => throw new NoosException($"There is no optimizer '{Optimizer}'; write adamw or muon in the recipe."),
        },
        WarmupSteps = Warmup,
        DecayFraction = DecayFraction,
        FinalFraction = FinalFraction,
        Seed = Seed,
        Workers = Workers,
        Kernels = Kernels ?? ProductOptions.Auto,
        Precision = Precision is null ? default : ProductOptions.ParsePrecision(Precision),
        EvaluateEvery = EvaluateEvery,
        CheckpointEvery = CheckpointEvery,
    };
}
