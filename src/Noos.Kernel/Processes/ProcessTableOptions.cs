using Noos.Kernel.Accounts;

namespace Noos.Kernel.Processes;

/// <summary>What a <see cref="ProcessTable"/> does beside running processes.</summary>
public sealed record ProcessTableOptions
{
    /// <inheritdoc cref="Agents.Assistant.HasOptionalTools"/>
    public bool HasOptionalTools { get; init; } = true;

    /// <summary>When keys and values of idle processes go to the disk of the home; null for never.</summary>
    public SwapOptions? Swap { get; init; }

    /// <summary>How what leaves the window is summarised; null for not at all.</summary>
    public SummaryOptions? Summaries { get; init; }

    /// <summary>What owners may use; null where there is no limit.</summary>
    public IOwnerQuota? Quota { get; init; }
}
