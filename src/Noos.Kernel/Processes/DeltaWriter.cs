using System.Threading.Channels;
using Noos.Core;
using Noos.Kernel.Journaling;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Processes;

/// <summary>
/// Writes the text of one run into the journal while the model goes on; what comes while a batch is written, and shortly after, becomes
/// the next batch. One caller; its own task writes.
/// </summary>
sealed class DeltaWriter
{
    // Too short to be seen in a text that streams; without a pause the disk would be flushed as fast as it can be, beside the model.
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(15);

    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Channel<TraceEvent> _deltas = Channel.CreateUnbounded<TraceEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    readonly Task _work;

    /// <param name="append">Durable when it is over.</param>
    /// <param name="onFailure">Told at once when the journal cannot be written: nobody would ever see what comes.</param>
    public DeltaWriter(Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure) => _work = WriteAsync(append, onFailure);

    public void Write(TraceEvent delta) => _deltas.Writer.TryWrite(delta);

    /// <summary>Waits until all is on the disk.</summary>
    /// <exception cref="NoosException">The journal could not be written.</exception>
    public Task EndAsync()
    {
        _deltas.Writer.TryComplete();
        _ended.TrySetResult();
        return _work;
    }

    async Task WriteAsync(Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure)
    {
        try
        {
            while (await _deltas.Reader.WaitToReadAsync())
            {
                var events = new List<JournalEvent>();
                while (_deltas.Reader.TryRead(out var item))
                {
                    Add(events, item);
                }

                await append(events);
                await Task.WhenAny(_ended.Task, Task.Delay(s_pause));
            }
        }
        catch
        {
            await onFailure();
            throw;
        }
    }

    static void Add(List<JournalEvent> events, TraceEvent item)
    {
        var (text, isThought) = item is ThoughtEvent thought ? (thought.Text, true) : (((TextEvent)item).Text, false);
        if (events is [.., Wrote last] && last.IsThought == isThought)
        {
            events[^1] = last with { Text = last.Text + text, TokenIds = [.. last.TokenIds, .. item.TokenIds ?? []] };
        }
        else
        {
            events.Add(new Wrote(text, isThought, item.TokenIds ?? []));
        }
    }
}
