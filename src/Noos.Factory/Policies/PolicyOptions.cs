using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>How a policy is trained by rewards, beside what <see cref="ReinforcementOptions"/> say.</summary>
public sealed record PolicyOptions
{
    public ReinforcementOptions Reinforcement { get; init; } = new();

    public SamplerOptions Sampler { get; init; } = new();

    /// <summary>Small models take 3e-6 to 3e-5, large ones less.</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Different questions; they come again when all were asked.</summary>
    public int Prompts { get; init; } = 6000;

    /// <summary>Who writes them; null: all that training may use.</summary>
    public IReadOnlyList<string>? Generators { get; init; }

    /// <summary>What the checks count for beside an ensemble, 0 to 1.</summary>
    public double CheckWeight { get; init; }

    /// <summary>Held-out questions, in wordings that no training has, by which beginning and end are compared; 0: they are not.</summary>
    public int HeldOut { get; init; } = 200;

    /// <summary>
    /// Before every so-many-th iteration, and at the end, the policy answers held-out questions, and what is kept is the model whose
    /// answers were truly the best; 0: nothing is measured on the way, and the last one is kept.
    /// </summary>
    public int MeasureEvery { get; init; }

    /// <summary>Held-out questions of each such measurement; others than those of <see cref="HeldOut"/>.</summary>
    public int MeasureQuestions { get; init; } = 200;

    /// <summary>Threads that train. Part of what is computed.</summary>
    public int Workers { get; init; } = 2;
}
