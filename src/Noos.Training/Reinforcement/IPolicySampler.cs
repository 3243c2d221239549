using Noos.Training.Model;

namespace Noos.Training.Reinforcement;

/// <summary>Lets a policy answer prompts: an engine that is given its weights. Used by one thread.</summary>
public interface IPolicySampler
{
    /// <summary>Draws answers. The same weights, prompts and seed give the same answers.</summary>
    /// <param name="policy">The weights as they are; read only.</param>
    /// <param name="prompts">The questions.</param>
    /// <param name="answers">To each of them so many.</param>
    /// <param name="seed">Decides the draws.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>[prompts · answers] the answers to the first prompt, then to the second, and so on.</returns>
    IReadOnlyList<Rollout> Sample(
        Parameters policy, IReadOnlyList<RolloutPrompt> prompts, int answers, ulong seed, CancellationToken cancellationToken);
}
