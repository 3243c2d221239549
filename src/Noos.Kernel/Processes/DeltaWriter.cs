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
/// <remarks>
/// Nobody sees a token before the beat that writes it, so whoever runs the model need not be woken for each: after the first moments of a
/// run it takes them beat by beat (<see cref="PaceAsync"/>), and says when it has taken all there were (<see cref="Release"/>).
/// </remarks>
sealed class DeltaWriter
{
    // A short run, such as one that calls a tool, is not held up by a part of a beat at its end.
    static readonly TimeSpan s_paceless = TimeSpan.FromSeconds(1);

    readonly TimeProvider _time;
    readonly long _began;
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Channel<TraceEvent> _deltas = Channel.CreateUnbounded<TraceEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    // Full: there is something to write.
    readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    readonly WriteBeat _beat;
    readonly Task _work;
    long _released;
    bool _holds;
    volatile bool _isEnding;

    /// <param name="first">What comes before all text; the model runs while it is written.</param>
    /// <param name="append">Durable when it is over.</param>
    /// <param name="onFailure">Told at once when the journal cannot be written: nobody would ever see what comes.</param>
    /// <param name="beat">When batches are written: that of all runs.</param>
    /// <param name="time">The clock.</param>
    public DeltaWriter(
        IReadOnlyList<JournalEvent> first, Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure, WriteBeat beat,
        TimeProvider time)
    {
        (_beat, _time, _began) = (beat, time, time.GetTimestamp());
        _work = WriteAsync(first, append, onFailure);
    }

    /// <param name="delta">Text, a thought, or that another model writes them.</param>
    public void Write(TraceEvent delta)
    {
        _deltas.Writer.TryWrite(delta);
        _holds = true;
        // A model that computes while it is asked for the next token never lets its caller wait.
        if (!IsPaced || _time.GetElapsedTime(_released) > 2 * WriteBeat.Interval)
        {
            Release();
        }
    }

    /// <summary>No more text is there at this moment: what was given so far may be written.</summary>
    public void Release()
    {
        if (_holds)
        {
            _holds = false;
            _released = _time.GetTimestamp();
            _signal.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits until a beat, where text that comes now would wait for it too.</summary>
    public Task PaceAsync() =>
        IsPaced && _time.GetElapsedTime(_released) < WriteBeat.Interval ? _beat.NextAsync() : Task.CompletedTask;

    /// <summary>Waits until what is being written is on the disk.</summary>
    /// <returns>What is left to be written, so that it goes to the disk with what ends the run.</returns>
    /// <exception cref="NoosException">The journal could not be written.</exception>
    public async Task<IReadOnlyList<JournalEvent>> EndAsync()
    {
        _isEnding = true;
        _deltas.Writer.TryComplete();
        _signal.Writer.TryComplete();
        _ended.TrySetResult();
        await _work;
        return TakeBatch();
    }

    bool IsPaced => _time.GetElapsedTime(_began) > s_paceless;

    async Task WriteAsync(
        IReadOnlyList<JournalEvent> first, Func<IReadOnlyList<JournalEvent>, Task> append, Func<Task> onFailure)
    {
        try
        {
            await append(first);
            while (await _signal.Reader.WaitToReadAsync() && !_isEnding)
            {
                _signal.Reader.TryRead(out _);
                if (TakeBatch() is { Count: > 0 } batch)
                {
                    await append(batch);
                }

                if (!IsPaced)
                {
                    await Task.WhenAny(_ended.Task, _beat.NextAsync());
                }
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
