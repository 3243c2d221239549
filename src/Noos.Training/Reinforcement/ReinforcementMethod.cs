namespace Noos.Training.Reinforcement;

/// <summary>What is learned from answers and their rewards.</summary>
public enum ReinforcementMethod
{
    /// <summary>
    /// The best answer to each prompt is learned like a demonstration, where it is better than the others (expert iteration).
    /// </summary>
    Rejection,

    /// <summary>REINFORCE with the mean of the other answers to the prompt as baseline.</summary>
    Rloo,

    /// <summary>Clipped ratios; the advantage counts in standard deviations of the answers to the prompt.</summary>
    Grpo,

    /// <summary>Clipped ratios; a critic says what was to be expected.</summary>
    Ppo,

    /// <summary>The best and the worst answer to each prompt as a pair.</summary>
    Dpo,
}
