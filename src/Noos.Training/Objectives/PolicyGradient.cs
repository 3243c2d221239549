namespace Noos.Training.Objectives;

/// <summary>
/// REINFORCE (Williams, 1992): −advantage · log p per sampled token. With the advantage over the mean of the other answers to the prompt it
/// is RLOO (Ahmadian et al., 2024). Right for answers of the very policy that is trained, so for one pass over each.
/// </summary>
/// <param name="options">KL, critic and text.</param>
public sealed class PolicyGradient(PolicyOptions? options = null) : PolicyObjective("policy-gradient", options ?? new PolicyOptions())
{
    private protected override (double Loss, double Derivative) OfToken(double logProbability, double old, double advantage) =>
        (-advantage * logProbability, -advantage);
}
