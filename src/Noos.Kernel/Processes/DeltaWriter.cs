using System.Text;
using System.Threading.Channels;
using Noos.Core;
using Noos.Kernel.Journaling;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Processes;

/// <summary>
/// Writes the text of one run into the journal while the model goes on; what comes while a batch is written, and until the next beat,
/// becomes the next batch. One caller; its own task writes.
/// </summary>
sealed class DeltaWriter
{
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Channel<TraceEvent> _deltas = Channel.CreateUnbounded<TraceEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    readonly WriteBeat _beat;
    readonly Task _work;
    volatile bool _isEnding;

    /// <param name="first">What comes before all text; the model runs while it is written.</param>
    /// <param name="append">Durable when it is over.</param>
    /// <param name="onFailure">Told at once when the journal cannot be written: nobody would ever see what comes.</param>
    /// <param name="beat">When batches are written: that of all runs.</param>
    public DeltaWriter(
        IReadOnlyList<JournalEvent> first, Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure, WriteBeat beat)
    {
        _beat = beat;
        _work = WriteAsync(first, append, onFailure);
    }

    /// <param name="delta">Text, a thought, or that another model writes them.</param>
    public void Write(TraceEvent delta) => _deltas.Writer.TryWrite(delta);

    /// <summary>Waits until what is being written is on the disk.</summary>
    /// <returns>What is left to be written, so that it goes to the disk with what ends the run.</returns>
    /// <exception cref="NoosException">The journal could not be written.</exception>
    public async Task<IReadOnlyList<JournalEvent>> EndAsync()
    {
        _isEnding = true;
        _deltas.Writer.TryComplete();
        _ended.TrySetResult();
        await _work;
        return TakeBatch();
    }

    async Task WriteAsync(
        IReadOnlyList<JournalEvent> first, Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure)
    {
        try
        {
            await append(first);
            while (await _deltas.Reader.WaitToReadAsync() && !_isEnding)
            {
                await append(TakeBatch());
                await Task.WhenAny(_ended.Task, _beat.NextAsync());
            }
        }
        catch
        {
            await onFailure();
            throw;
        }
    }

    /// <summary>All that has come: each stretch of text, or of thought, as one event.</summary>
    List<JournalEvent> TakeBatch()
    {
        var events = new List<JournalEvent>();
        var (text, ids, isThought) = (new StringBuilder(), new List<int>(), false);
        while (_deltas.Reader.TryRead(out var item))
        {
            if (item is FailoverEvent other)
            {
                events.Add(new AnsweredElsewhere(other.From, other.To, other.Reason));
                continue;
            }

            var (piece, isOther) = item is ThoughtEvent thought ? (thought.Text, !isThought) : (((TextEvent)item).Text, isThought);
            if (isOther)
            {
                Flush();
                isThought = !isThought;
            }

            text.Append(piece);
            ids.AddRange(item.TokenIds ?? []);
        }

        Flush();
        return events;

        void Flush()
        {
            if (text.Length > 0 || ids.Count > 0)
            {
                events.Add(new Wrote(text.ToString(), isThought, [.. ids]));
                text.Clear();
                ids.Clear();
            }
        }
    }
}
