namespace Noos.Training.Reinforcement;

/// <summary>Says how good answers are: a reward model, a rule, or both. Used by one thread; equal answers get equal rewards.</summary>
public interface IReward
{
    /// <summary>Its name and all that decides its rewards, in a fixed order: part of the hash of a plan.</summary>
    string Name { get; }

    /// <summary>The reward of each answer.</summary>
    IReadOnlyList<RewardScore> Score(IReadOnlyList<Rollout> rollouts);
}

/// <summary>How good an answer is.</summary>
/// <param name="Value">What the policy is trained for.</param>
/// <param name="Truth">How good it truly is, where that is known: never trained for, but watched.</param>
public readonly record struct RewardScore(double Value, double? Truth = null);
