namespace Noos.Media.Audio;

/// <summary>What a recording may be; held before it is decoded where its header says it, else while it is.</summary>
public sealed record AudioLimits
{
    public static AudioLimits Default { get; } = new();

    /// <summary>Longest recording.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(12);

    public int MaxChannels { get; init; } = 32;

    public int MinSampleRate { get; init; } = 1000;

    public int MaxSampleRate { get; init; } = 768_000;
}
