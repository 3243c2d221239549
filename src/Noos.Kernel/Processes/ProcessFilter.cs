namespace Noos.Kernel.Processes;

/// <summary>Which processes are listed, those that changed last first.</summary>
public sealed record ProcessFilter
{
    /// <summary>Those that are done, failed or killed, too.</summary>
    public bool IncludesEnded { get; init; }

    public ProcessKind? Kind { get; init; }

    public string? Owner { get; init; }

    /// <summary>The name of their program.</summary>
    public string? Program { get; init; }

    /// <summary>Only children of this one.</summary>
    public long? Parent { get; init; }

    /// <summary>Only those behind this one: the last of the page before, with the time at which it had changed.</summary>
    public (DateTimeOffset Changed, long Id)? After { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = int.MaxValue;
}
