namespace Noos.Kernel.Processes;

/// <summary>
/// When the runs of a home write what they have generated: all at the same moments, so that their batches share a transaction and a flush
/// of the disk (group commit); each at moments of its own would flush it for each of them. Beats only while somebody waits. Thread-safe.
/// </summary>
sealed class WriteBeat
{
    // Too short to be seen in a text that streams; without a pause the disk would be flushed as fast as it can be, beside the model.
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);

    readonly Lock _lock = new();
    Task _next = Task.CompletedTask;

    /// <summary>Completes with the next beat, for all who wait for it.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
            return _next.IsCompleted ? _next = Task.Delay(Interval) : _next;
        }
    }
}
