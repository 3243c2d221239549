using System.Text.Json.Serialization;

namespace Noos.Kernel.Processes;

/// <summary>A process as the journal lists it.</summary>
/// <param name="Id">The pid: never used twice in one home.</param>
/// <param name="Parent">Who spawned it; null for those that a person or a timer began.</param>
/// <param name="Owner">Whose it is: the machine is shared fairly among owners.</param>
/// <param name="Kind">What it is for.</param>
public sealed record ProcessRecord(long Id, long? Parent, string Owner, ProcessKind Kind)
{
    public string? Title { get; init; }

    public required ProcessProgram Program { get; init; }

    public ProcessState State { get; init; }

    public ProcessPriority Priority { get; init; }

    public ProcessUsage Usage { get; init; } = new();

    public DateTimeOffset Created { get; init; }

    /// <summary>Of its last event.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>An answer is due or under way.</summary>
    [JsonIgnore]
    public bool IsDue => State is ProcessState.Ready or ProcessState.Running or ProcessState.WaitingForCall;

    /// <summary>It is over.</summary>
    [JsonIgnore]
    public bool IsEnded => State is ProcessState.Done or ProcessState.Failed or ProcessState.Killed;
}
