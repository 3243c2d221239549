namespace Noos.Kernel.Processes;

/// <summary>How what is about to leave the window of a process is summarised (<see cref="ProcessSummaries"/>).</summary>
public sealed record SummaryOptions
{
    /// <summary>Tokens of a summary.</summary>
    public int MaxTokens { get; init; } = 200;
}
