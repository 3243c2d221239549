using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>What the report of a run says beside its curves.</summary>
static class TrainingDescription
{
    public static RunDescription For(string title, TrainingPlan plan, string summary) => new()
    {
        Title = title,
        Summary = summary,
        TotalSteps = plan.Steps,
        Settings =
        [
            new("parameters", $"{plan.Model.ParameterCount:N0}"),
            new("blocks", $"{plan.Model.BlockCount}"),
            new("embedding", $"{plan.Model.EmbeddingLength}"),
            new("feed-forward", $"{plan.Model.FeedForwardLength}"),
            new("heads", $"{plan.Model.HeadCount} (key-value {plan.Model.KeyValueHeadCount}) × {plan.Model.HeadLength}"),
            new("vocabulary", $"{plan.Model.VocabularySize:N0}"),
            new("context", $"{plan.Model.ContextLength}"),
            new("FLOPs per token", $"{ComputeCost.FlopsPerToken(plan.Model) / 1e6:f1} million"),
            new("rows per step", $"{plan.RowsPerStep}"),
            new("optimizer", plan.Muon is null ? "AdamW" : "Muon, AdamW for embeddings and norms"),
            new("kernels", plan.Kernels),
            new("precision", ProductOptions.NameOf(plan.Precision)),
            new("learning rate", $"{plan.AdamW.LearningRate}"),
            new("betas", $"{plan.AdamW.Beta1}, {plan.AdamW.Beta2}"),
            new("weight decay", $"{plan.AdamW.WeightDecay}"),
            new("warm-up", $"{plan.WarmupSteps} steps"),
            new("decay", $"last {plan.DecayFraction:P0}, to {plan.FinalFraction:P0}"),
            new("seed", $"{plan.Seed}"),
            new("settings hash", plan.Hash()),
        ],
        Environment = RunEnvironment.Describe(),
    };
}
