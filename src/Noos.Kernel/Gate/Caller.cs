namespace Noos.Kernel.Gate;

/// <summary>Who makes a call, as far as the gate must know.</summary>
/// <param name="ProcessId">The id that tools see.</param>
public sealed record Caller(string ProcessId)
{
    /// <summary>The process; null for an answer without one.</summary>
    public long? Process { get; init; }

    /// <summary>The conversation that the process belongs to: itself, or the first of its ancestors.</summary>
    public long? Conversation { get; init; }

    /// <summary>Whose process it is: his permissions hold.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What it has read.</summary>
    public Provenance Provenance { get; init; } = new();

    /// <summary>The folder of its own; null where it has none.</summary>
    public string? Folder { get; init; }

    /// <summary>Who is asked; null for the gate's.</summary>
    public IApprover? Approver { get; init; }
}
