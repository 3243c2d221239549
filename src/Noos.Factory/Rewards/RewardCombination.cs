namespace Noos.Factory.Rewards;

/// <summary>How the scores of the members become one: what they disagree about is not to be sought (Coste et al., 2023).</summary>
public enum RewardCombination
{
    /// <summary>The mean less half the variance.</summary>
    Variance,

    /// <summary>The least.</summary>
    Worst,

    /// <summary>The mean: what a single model would do, with less noise.</summary>
    Mean,
}
