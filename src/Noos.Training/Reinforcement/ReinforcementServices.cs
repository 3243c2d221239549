using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Reinforcement;

/// <summary>What a run of reinforcement learning takes from outside.</summary>
/// <param name="Prompts">What is asked.</param>
/// <param name="Sampler">Answers.</param>
/// <param name="Reward">Judges.</param>
public sealed record ReinforcementServices(IPromptSource Prompts, IPolicySampler Sampler, IReward Reward)
{
    /// <summary>Text to learn beside the answers; null: none.</summary>
    public IRowSource? Text { get; init; }

    /// <summary>What the training itself takes.</summary>
    public RunServices Run { get; init; } = new();

    /// <summary>Told of each iteration, on the thread that trains.</summary>
    public IProgress<RolloutMetrics>? Progress { get; init; }

    /// <summary>
    /// Shown the policy before the answers of an iteration are drawn, on the thread that trains. A run that is killed shows the same again,
    /// unless the answers are on the disk.
    /// </summary>
    public Action<long, Parameters>? Snapshot { get; init; }

    /// <summary>Told of each alarm, on the thread that trains.</summary>
    public Action<CollapseAlarm>? Alarm { get; init; }
}
