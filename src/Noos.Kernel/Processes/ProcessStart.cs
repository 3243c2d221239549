using Noos.Core.Conversations;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Processes;

/// <summary>What a process begins as.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Program">What it runs. A child's limits are never wider than its parent's.</param>
public sealed record ProcessStart(string Owner, ProcessKind Kind, ProcessProgram Program)
{
    /// <summary>Who spawns it; null for a person or a timer.</summary>
    public long? Parent { get; init; }

    public string? Title { get; init; }

    /// <summary>Null for what is usual of its kind.</summary>
    public ProcessPriority? Priority { get; init; }

    /// <summary>What was said elsewhere before; nobody answers it.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>What persons ran beside it, each with the number of its message where that is known.</summary>
    public IReadOnlyList<PersonCalled> PersonCalls { get; init; } = [];
}
