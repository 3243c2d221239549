namespace Noos.Corpus.Cleaning.Duplicates;

/// <summary>What counts as a near-duplicate.</summary>
public sealed record MatchOptions
{
    /// <summary>
    /// The least estimated similarity of runs of five words. At 0.74, pairs of 0.8 are taken in 95 of 100 cases and pairs of 0.6 in one
    /// of a thousand; the estimate of a pair has a standard error of 0.04.
    /// </summary>
    public double MinSimilarity { get; init; } = 0.74;

    /// <summary>
    /// Pages with one band in common are compared with so many of them at most: a menu that a million pages share would give a million
    /// times a million pairs.
    /// </summary>
    public int MaxLeaders { get; init; } = 16;

    /// <summary>Keys that a part of the work holds in memory, about.</summary>
    public long MaxKeys { get; init; } = 8_000_000;
}
