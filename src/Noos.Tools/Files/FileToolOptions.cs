using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>What reading a file may cost, and how much of it is shown at once.</summary>
public sealed record FileToolOptions
{
    /// <summary>Options that stay within the limits of a call.</summary>
    /// <param name="resultLength">Characters of a result.</param>
    /// <param name="time">How long it may run.</param>
    public static FileToolOptions Within(int resultLength, TimeSpan time) => new()
    {
        MaxLength = Math.Max(1, resultLength * 19 / 20),
        MaxTime = time * 0.6,
    };

    /// <summary>Characters of a result: a little less than the gate lets through, so that it is cut here, where a page ends.</summary>
    public int MaxLength { get; init; } = 3800;

    /// <summary>
    /// How long one call looks through a file; what was found until then is the result. Less than the gate lets a call run.
    /// </summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Places that a search shows.</summary>
    public int MaxHits { get; init; } = 20;

    /// <summary>What reading one file may cost.</summary>
    public ReadLimits Limits { get; init; } = ReadLimits.Default;
}
