using System.Diagnostics;
using Noos.Inference.Transformer;

namespace Noos.Inference;

/// <summary>
/// Continuous batching without a thread of its own: what contexts ask for while a batch runs goes together into the next one, served by
/// whichever caller comes first. A single token of a conversation that speaks always has a place; long prompts fill what is left, a
/// part at a time. Which tokens share a batch never changes a result.
/// </summary>
sealed class BatchRunner(ForwardPass pass)
{
    // Of the time of the last batch.
    const int WaitingShare = 8;

    // Less than this is not worth going to sleep for.
    static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(0.5);

    readonly object _gate = new();
    readonly List<BatchRequest> _requests = [];
    readonly BatchToken[] _batch = new BatchToken[pass.BatchLength];
    bool _isServing;
    int _lastServed;
    TimeSpan _lastTime;

    /// <summary>Returns when all the requests, each of another sequence, are done.</summary>
    public void Run(params BatchRequest[] requests)
    {
        lock (_gate)
        {
            _requests.AddRange(requests);
            Monitor.PulseAll(_gate);
            while (_isServing && !AreDone(requests))
            {
                Monitor.Wait(_gate);
            }

            if (AreDone(requests))
            {
                return;
            }

            _isServing = true;
        }

        try
        {
            Gather();
            while (!AreDone(requests))
            {
                ServeBatch();
            }
        }
        finally
        {
            lock (_gate)
            {
                _isServing = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    static bool AreDone(BatchRequest[] requests) => Array.TrueForAll(requests, request => request.IsDone);

    void ServeBatch()
    {
        var start = Stopwatch.GetTimestamp();
        BatchRequest[] served;
        lock (_gate)
        {
            // The shortest first; the sort is stable, so that of equal ones the oldest is first.
            served = [.. _requests.OrderBy(request => Math.Min(request.Remaining, 2)).Take(_batch.Length)];
        }

        var count = 0;
        var parts = new int[served.Length];
        for (var i = 0; i < served.Length; i++)
        {
            // Those behind must at least get one token each.
            var room = _batch.Length - count - (served.Length - 1 - i);
            parts[i] = served[i].Fill(_batch.AsSpan(count, Math.Min(served[i].Remaining, room)));
            count += parts[i];
        }

        pass.Execute(_batch.AsSpan(0, count));
        Array.Clear(_batch, 0, count);
        for (int i = 0, first = 0; i < served.Length; first += parts[i], i++)
        {
            served[i].Advance(parts[i], pass, first);
        }

        _lastServed = served.Length;
        _lastTime = Stopwatch.GetElapsedTime(start);
        lock (_gate)
        {
            _requests.RemoveAll(request => request.Remaining == 0);
            foreach (var request in served)
            {
                request.FinishIfRead();
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Conversations that were served together come back together: a moment of waiting for the others costs less than a batch without
    /// them.
    /// </summary>
    void Gather()
    {
        var end = Stopwatch.GetTimestamp() + (long)((_lastTime / WaitingShare).TotalSeconds * Stopwatch.Frequency);
        lock (_gate)
        {
            while (_requests.Count < _lastServed)
            {
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), end);
                if (left < s_shortestWait)
                {
                    return;
                }

                Monitor.Wait(_gate, left);
            }
        }
    }
}
