using Noos.Kernel.Processes;

namespace Noos.Cpus.Local;

/// <summary>Whose turn a sequence of the engine belongs to, and how urgent it is, for the <see cref="TurnBatchPolicy"/>.</summary>
/// <param name="owner">Whose.</param>
/// <param name="priority">Its class, which may change while the turn runs.</param>
sealed class TurnTag(string? owner, ProcessPriority priority)
{
    volatile ProcessPriority _priority = priority;

    public string? Owner => owner;

    public ProcessPriority Priority
    {
        get => _priority;
        set => _priority = value;
    }
}
