using Noos.Training.Model;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>
/// Draws several answers to each prompt and gives the best by a reward: nothing is trained (best-of-n). Used by one thread.
/// </summary>
/// <param name="sampler">Draws.</param>
/// <param name="reward">Chooses; of equal answers the first.</param>
/// <param name="count">Answers to choose among.</param>
public sealed class BestOfSampler(IPolicySampler sampler, IReward reward, int count) : IPolicySampler
{
    public IReadOnlyList<Rollout> Sample(
        Parameters policy, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken)
    {
        var drawn = sampler.Sample(policy, prompts, answers * count, seed, cancellationToken);
        var scores = reward.Score(drawn);
        return
        [
            .. drawn.Zip(scores).Chunk(count).Select(some => some.MaxBy(answer => answer.Second.Value).First),
        ];
    }
}
