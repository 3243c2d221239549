namespace Noos.Kernel.Gate;

/// <summary>What one answer may spend on tools.</summary>
public sealed record ToolLimits
{
    /// <summary>How long one call may run.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest result that the model gets to read, in characters; the rest is cut off, and the result says so.</summary>
    public int ResultLength { get; init; } = 4000;

    /// <summary>Longest arguments of a call, in characters of their JSON; longer ones are refused.</summary>
    public int ArgumentLength { get; init; } = 200_000;

    /// <summary>How many calls one answer may make; the others are refused.</summary>
    public int Calls { get; init; } = 64;

    /// <summary>How many times in one answer the model may be run again with new tool results.</summary>
    public int Rounds { get; init; } = 8;
}
