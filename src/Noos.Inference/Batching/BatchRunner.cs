using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Noos.Inference.Diagnostics;
using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>
/// Continuous batching (Yu et al. 2022, Orca) without a thread of its own: requests that arrive during a pass share the next one. Which
/// tokens share a batch never changes a result. Threads: any thread calls <see cref="Run"/> and blocks until its requests are done; one
/// of the callers serves the batches of all and hands over when its own are done. Failure: a pass that throws fails the requests that
/// were in it, each of whose callers gets the exception; all other requests are served as if nothing had happened.
/// </summary>
sealed class BatchRunner(ForwardPass pass, ILogger logger)
{
    // How much of the time of the last pass may be waited for the sequences that shared it.
    const int GatherDivisor = 8;

    // A timed wait cannot be shorter than the scheduler's tick; below this it would be longer than asked for.
    static readonly TimeSpan s_minWait = TimeSpan.FromMilliseconds(0.5);

    // A monitor and not a Lock: it is waited on and pulsed.
    readonly object _gate = new();
    readonly List<BatchRequest> _requests = [];
    // Only the serving caller touches what follows _isServing; the gate orders one server after another.
    readonly BatchToken[] _batch = new BatchToken[pass.BatchLength];
    bool _isServing;
    int _lastSequences;
    TimeSpan _lastTime;

    /// <summary>Computes requests, each of another sequence; returns when all are done.</summary>
    public void Run(params BatchRequest[] requests)
    {
        Serve(requests);
        // Rethrown only now: requests of the same call that were in another pass have been served.
        Array.Find(requests, request => request.Error is not null)?.Error!.Throw();
    }

    static bool AreDone(BatchRequest[] requests) => Array.TrueForAll(requests, request => request.IsDone);

    void Serve(BatchRequest[] requests)
    {
        lock (_gate)
        {
            _requests.AddRange(requests);
            // Wakes a server that gathers.
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
            // Whoever still has requests takes over.
            lock (_gate)
            {
                _isServing = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    void ServeBatch()
    {
        var start = Stopwatch.GetTimestamp();
        BatchRequest[] served;
        lock (_gate)
        {
            // Decoding sequences (one token) before prompts, so that a long prompt never stalls an answer; the sort is stable, so the
            // oldest come first among equals.
            served = [.. _requests.OrderBy(request => Math.Min(request.Remaining, 2)).Take(_batch.Length)];
        }

        ExceptionDispatchInfo? error = null;
        try
        {
            Execute(served);
        }
        catch (Exception e)
        {
            error = ExceptionDispatchInfo.Capture(e);
            Log.PassFailed(logger, served.Length, e);
        }

        _lastSequences = served.Length;
        _lastTime = Stopwatch.GetElapsedTime(start);
        Telemetry.BatchSequences.Record(served.Length);
        Telemetry.BatchDuration.Record(_lastTime.TotalSeconds);
        lock (_gate)
        {
            foreach (var request in served)
            {
                request.Complete(error);
            }

            // A failed request must not stay: its caller gives back the pages that it would go on writing into.
            _requests.RemoveAll(request => request.IsDone);
            Monitor.PulseAll(_gate);
        }
    }

    void Execute(BatchRequest[] served)
    {
        var count = 0;
        var parts = new int[served.Length];
        for (var i = 0; i < served.Length; i++)
        {
            // A prompt takes all room but one token for each request behind it.
            var room = _batch.Length - count - (served.Length - 1 - i);
            parts[i] = served[i].Fill(_batch.AsSpan(count, Math.Min(served[i].Remaining, room)));
            count += parts[i];
        }

        Telemetry.BatchTokens.Record(count);
        pass.Execute(_batch.AsSpan(0, count));
        // Lets go of the caches of sequences that end.
        Array.Clear(_batch, 0, count);
        for (int i = 0, first = 0; i < served.Length; first += parts[i], i++)
        {
            served[i].Advance(parts[i], pass, first);
        }
    }

    /// <summary>
    /// Waits a moment for the sequences of the last pass: they come back together after sampling, and a short wait costs less than a pass
    /// without them.
    /// </summary>
    void Gather()
    {
        var end = Stopwatch.GetTimestamp() + (long)((_lastTime / GatherDivisor).TotalSeconds * Stopwatch.Frequency);
        lock (_gate)
        {
            while (_requests.Count < _lastSequences)
            {
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), end);
                if (left < s_minWait)
                {
                    return;
                }

                Monitor.Wait(_gate, left);
            }
        }
    }
}
