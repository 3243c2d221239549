using Noos.Core;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Pages.Chat;

/// <summary>
/// Hands what happens to a process on, several events at once: a text that streams costs one drawing for each interval, however many
/// tokens it has. Its own task reads; a page that is gone disposes it.
/// </summary>
sealed class ConversationFollower : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Task _work;

    /// <param name="table">The processes.</param>
    /// <param name="process">Which one.</param>
    /// <param name="after">The last event that is known.</param>
    /// <param name="interval">Between two deliveries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="take">Gets the events in their order; the next come when it is done.</param>
    public ConversationFollower(
        ProcessTable table, long process, long after, TimeSpan interval, TimeProvider time,
        Func<IReadOnlyList<JournalEntry>, Task> take) => _work = Task.Run(() => FollowAsync(table, process, after, interval, time, take));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    async Task FollowAsync(
        ProcessTable table, long process, long after, TimeSpan interval, TimeProvider time,
        Func<IReadOnlyList<JournalEntry>, Task> take)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await using var entries = table.FollowAsync(process, after, _stop.Token).GetAsyncEnumerator(_stop.Token);
                var next = entries.MoveNextAsync().AsTask();
                try
                {
                    while (await next)
                    {
                        var batch = new List<JournalEntry>();
                        var began = time.GetTimestamp();
                        do
                        {
                            batch.Add(entries.Current);
                            next = entries.MoveNextAsync().AsTask();
                        }
                        while (next.IsCompletedSuccessfully && next.Result);
                        // What a call prints has no number.
                        after = Math.Max(after, batch.Max(entry => entry.Id));
                        await take(batch);
                        // A timer only where something waits already: mostly the next comes later than that.
                        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        var left = interval - time.GetElapsedTime(began);
                        if (left > TimeSpan.Zero)
                        {
                            await Task.Delay(left, time, _stop.Token);
                        }
                    }
                }
                finally
                {
                    // What moves cannot be disposed; it ends with the follower.
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                if (table.Get(process).IsEnded)
                {
                    return;
                }

                // The journal could not be written; what comes of the next try is followed again.
                await Task.Delay(TimeSpan.FromSeconds(1), time, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or NoosException)
        {
            // The page is gone, the process is deleted, or the system stops: then the page finds the next one by itself.
        }
    }
}
