using Noos.Kernel.Processes;

namespace Noos.Cpus.Local;

/// <summary>Whose turn a sequence of the engine belongs to, and how urgent it is, for the <see cref="TurnBatchPolicy"/>.</summary>
/// <param name="owner">Whose.</param>
/// <param name="priority">Its class, which may change while the turn runs.</param>
/// <param name="process">The process that it is for; null for none.</param>
sealed class TurnTag(string? owner, ProcessPriority priority, long? process = null)
{
    volatile ProcessPriority _priority = priority;

    public string? Owner => owner;

    public long? Process => process;

    public ProcessPriority Priority
    {
        get => _priority;
        set => _priority = value;
    }
}
