using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;

namespace Noos.Training.Runs;

/// <summary>
/// The hash that plans had until version 0.1: that of their JSON with every property, computed ones included. Runs started then carry it in
/// their checkpoints. The records here are frozen copies of the types of that time, so that new settings do not change it.
/// </summary>
static class LegacyPlanHash
{
    /// <summary>The old hash of a plan that uses nothing newer than it; of another one it says nothing.</summary>
    public static string Compute(TrainingPlan plan)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Plan(
            new Model(
                plan.Model.VocabularySize,
                plan.Model.ContextLength,
                plan.Model.EmbeddingLength,
                plan.Model.BlockCount,
                plan.Model.FeedForwardLength,
                plan.Model.HeadCount,
                plan.Model.KeyValueHeadCount,
                plan.Model.HeadLength,
                plan.Model.RopeFrequencyBase,
                plan.Model.NormEpsilon,
                plan.Model.TiedEmbeddings,
                plan.Model.QueryLength,
                plan.Model.KeyValueLength,
                plan.Model.ParameterCount),
            plan.Data,
            plan.Steps,
            plan.RowsPerStep,
            new AdamW(plan.AdamW.LearningRate, plan.AdamW.Beta1, plan.AdamW.Beta2, plan.AdamW.Epsilon, plan.AdamW.WeightDecay),
            plan.Muon is { } muon ? new Muon(muon.LearningRate, muon.Momentum, muon.WeightDecay) : null,
            plan.WarmupSteps,
            plan.DecayFraction,
            plan.FinalFraction,
            plan.GradientClip,
            plan.Seed,
            plan.Workers,
            plan.EvaluateEvery,
            plan.CheckpointEvery));
        return XxHash3.HashToUInt64(json).ToString("x16", CultureInfo.InvariantCulture);
    }

    // The order of the properties is the order of the JSON.
    sealed record Plan(
        Model Model,
        string Data,
        long Steps,
        int RowsPerStep,
        AdamW AdamW,
        Muon? Muon,
        int WarmupSteps,
        double DecayFraction,
        double FinalFraction,
        double GradientClip,
        int Seed,
        int Workers,
        int EvaluateEvery,
        int CheckpointEvery);

    sealed record Model(
        int VocabularySize,
        int ContextLength,
        int EmbeddingLength,
        int BlockCount,
        int FeedForwardLength,
        int HeadCount,
        int KeyValueHeadCount,
        int HeadLength,
        float RopeFrequencyBase,
        float NormEpsilon,
        bool TiedEmbeddings,
        int QueryLength,
        int KeyValueLength,
        long ParameterCount);

    sealed record AdamW(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay);

    sealed record Muon(double LearningRate, double Momentum, double WeightDecay);
}
