using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Objectives;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Factory.Rewards;

/// <summary>How an ensemble of reward models is trained. Equal options, model and preferences give equal weights.</summary>
public sealed record RewardOptions
{
    /// <summary>Reward models, each with another seed and order of the data: where they differ nobody knows.</summary>
    public int Members { get; init; } = 4;

    /// <summary>Answers to a prompt that share a pass; larger groups are cut into several.</summary>
    public int AnswersPerSample { get; init; } = 4;

    /// <summary>Prompts of one update.</summary>
    public int PromptsPerStep { get; init; } = 8;

    /// <summary>Passes over the preferences; more than one learns the noise by heart.</summary>
    public double Epochs { get; init; } = 1;

    public double LearningRate { get; init; } = 2e-4;

    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Share of labels that are thought to be wrong, [0, 0.5).</summary>
    public double FlipRate { get; init; } = 0.2;

    /// <summary>Keeps rewards around zero; see <see cref="PairwiseRanking"/>.</summary>
    public double Centering { get; init; } = 0.01;

    /// <summary>Every so-many-th prompt is kept back to measure by.</summary>
    public int HeldOutEvery { get; init; } = 10;

    public int Seed { get; init; } = 1;

    /// <summary>Threads that compute. Part of what is computed: it decides the order of sums.</summary>
    public int Workers { get; init; } = 2;

    public int CheckpointEvery { get; init; } = 100;

    /// <exception cref="NoosException">A number cannot make a training.</exception>
    public RewardOptions Validate()
    {
        Require(Members is >= 1 and <= 64, $"An ensemble has 1 to 64 members, not {Members}.");
        Require(AnswersPerSample is >= 2 and <= 64, $"A sample has 2 to 64 answers, not {AnswersPerSample}.");
        Require(PromptsPerStep is >= 1 and <= 1024, $"An update has 1 to 1,024 prompts, not {PromptsPerStep}.");
        Require(Epochs is > 0 and <= 100, $"The passes over the preferences must be above 0 and at most 100, not {Epochs}.");
        Require(HeldOutEvery >= 2, $"Every second prompt may be kept back at most; give 2 or more, not {HeldOutEvery}.");
        return this;

        static void Require(bool condition, string message)
        {
            if (!condition)
            {
                throw new NoosException(ErrorKind.Invalid, message);
            }
        }
    }

    /// <param name="model">Shape of the trunk.</param>
    /// <param name="data">Names trunk and preferences by content.</param>
    /// <param name="samples">In one pass.</param>
    /// <param name="member">Which of the ensemble, from 0.</param>
    internal TrainingPlan ToPlan(TransformerConfig model, string data, long samples, int member)
    {
        var steps = Math.Max(1, (long)Math.Round(samples * Epochs / PromptsPerStep));
        return new TrainingPlan
        {
            Model = model,
            Objective = new PairwiseRanking(AnswersPerSample, FlipRate, Centering),
            Data = data,
            Steps = steps,
            RowsPerStep = PromptsPerStep * AnswersPerSample,
            AdamW = new AdamWOptions { LearningRate = LearningRate, WeightDecay = WeightDecay },
            WarmupSteps = (int)Math.Min(50, steps / 10),
            DecayFraction = 0.5,
            Seed = Seed + member,
            Workers = Workers,
            EvaluateEvery = (int)Math.Min(steps, int.MaxValue),
            CheckpointEvery = CheckpointEvery,
        }.Validate();
    }
}
