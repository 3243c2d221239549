using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Noos.Inference.Diagnostics;
using Noos.Inference.Threading;
using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>
/// Continuous batching (Yu et al. 2022, Orca) on one long-lived thread, which is also worker 0 of the team: plan, forward pass, then the
/// next step of every sequence whose tokens are computed, and again. Tokens that come during a pass share the next one. Which tokens share
/// a pass never changes a result. Threads: any thread gives tasks; nobody need wait. Failure: a pass that throws fails the requests that
/// were in it; all others go on as if nothing had happened.
/// </summary>
sealed class Engine : IDisposable
{
    // For a policy that holds all back.
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    const int MinPromptTokens = 32;

    readonly ForwardPass _pass;
    readonly ThreadTeam _team;
    readonly IBatchPolicy _policy;
    readonly ILogger _logger;
    readonly Thread _thread;

    // A monitor and not a Lock: the engine's thread waits on it.
    readonly object _gate = new();
    readonly List<EngineTask> _arrived = [];
    bool _disposed;

    // What follows belongs to the engine's thread.
    readonly List<EngineTask> _ready = [];
    readonly List<EngineTask> _stepping = [];
    readonly BatchToken[] _batch;
    readonly Action<int> _step;
    SequenceView[] _views = new SequenceView[8];
    TokenGrant[] _grants = new TokenGrant[8];
    double _secondsPerToken;

    public Engine(ForwardPass pass, ThreadTeam team, IBatchPolicy policy, ILogger logger)
    {
        (_pass, _team, _policy, _logger) = (pass, team, policy, logger);
        _batch = new BatchToken[pass.BatchLength];
        _step = Step;
        _thread = new Thread(Loop) { IsBackground = true, Name = "noos-inference-0" };
        _thread.Start();
    }

    /// <summary>Starts a task; await its <see cref="EngineTask.Completion"/>.</summary>
    /// <exception cref="ObjectDisposedException">The engine has ended.</exception>
    public void Start(EngineTask task)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _arrived.Add(task);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Computes requests, each of another sequence; completes when all are done, successfully or not.</summary>
    public Task RunAsync(params ReadOnlySpan<BatchRequest> requests)
    {
        var completions = new Task[requests.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            var task = new RequestTask(requests[i]);
            Start(task);
            completions[i] = task.Completion;
        }

        return completions is [var single] ? single : Task.WhenAll(completions);
    }

    /// <summary>Ends the thread after the pass under way; requests that are not done fail.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    void Loop()
    {
        while (Receive())
        {
            StepAll();
            if (_ready.Count > 0)
            {
                ServeBatch();
            }
        }

        // A task that goes on after a failure fails again, until it ends.
        var ended = new ObjectDisposedException(nameof(LanguageModel), "The model was closed while it computed.");
        while (_ready.Count + _stepping.Count > 0)
        {
            _ready.ForEach(task => task.Request!.Fail(ended));
            _stepping.AddRange(_ready);
            _ready.Clear();
            StepAll();
        }
    }

    /// <summary>Takes what has arrived; waits where there is nothing else to do. False when the engine has ended.</summary>
    bool Receive()
    {
        lock (_gate)
        {
            while (_arrived.Count == 0 && _ready.Count == 0 && _stepping.Count == 0 && !_disposed)
            {
                Monitor.Wait(_gate);
            }

            _stepping.AddRange(_arrived);
            _arrived.Clear();
            return !_disposed;
        }
    }

    void ServeBatch()
    {
        var start = Stopwatch.GetTimestamp();
        var count = Plan(start);
        if (count == 0)
        {
            lock (_gate)
            {
                if (_arrived.Count == 0 && !_disposed)
                {
                    Monitor.Wait(_gate, s_pause);
                }
            }

            return;
        }

        var grants = _grants.AsSpan(0, count);
        if (!TryExecute(grants) && count > 1)
        {
            // One by one then: who spoils the pass of all fails alone, and memory that is short for all may do for one.
            for (var i = 0; i < count; i++)
            {
                TryExecute(grants.Slice(i, 1));
            }
        }

        Telemetry.BatchSequences.Record(count);
        Telemetry.BatchDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _stepping.AddRange(_ready.Where(task => task.Request!.IsDone));
        _ready.RemoveAll(task => task.Request!.IsDone);
    }

    /// <summary>Asks the policy.</summary>
    /// <returns>Number of grants in <see cref="_grants"/>.</returns>
    int Plan(long timestamp)
    {
        if (_views.Length < _ready.Count)
        {
            Array.Resize(ref _views, 2 * _ready.Count);
            Array.Resize(ref _grants, 2 * _ready.Count);
        }

        var decoding = 0;
        for (var i = 0; i < _ready.Count; i++)
        {
            _views[i] = _ready[i].Request!.View(Stopwatch.GetElapsedTime(_ready[i].WaitsSince, timestamp));
            decoding += _views[i].Remaining == 1 ? 1 : 0;
        }

        var views = _views.AsSpan(0, _ready.Count);
        var grants = _grants.AsSpan(0, _ready.Count);
        var budget = _batch.Length;
        try
        {
            budget = Budget(decoding, views);
            var count = _policy.Plan(views, budget, grants);
            if (IsAllowed(views, budget, grants, count))
            {
                return count;
            }

            Log.PlanRefused(_logger, _policy.GetType().Name, exception: null);
        }
#pragma warning disable CA1031 // A policy from outside must not end the engine's thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PlanRefused(_logger, _policy.GetType().Name, e);
        }

        return DecodeFirstPolicy.Instance.Plan(views, budget, grants);
    }

    int Budget(int decoding, ReadOnlySpan<SequenceView> views)
    {
        if (decoding == 0 || _secondsPerToken == 0)
        {
            return _batch.Length;
        }

        var promptTokens = (int)Math.Clamp(_policy.MaxGap(views).TotalSeconds / _secondsPerToken, 0, _batch.Length);
        return Math.Min(_batch.Length, decoding + Math.Max(MinPromptTokens, promptTokens));
    }

    static bool IsAllowed(ReadOnlySpan<SequenceView> ready, int budget, ReadOnlySpan<TokenGrant> grants, int count)
    {
        if ((uint)count > (uint)ready.Length)
        {
            return false;
        }

        // Before every pass, so nothing is allocated for the usual number of sequences.
        var isPlanned = ready.Length <= 256 ? stackalloc bool[ready.Length] : new bool[ready.Length];
        var total = 0L;
        foreach (var (index, tokens) in grants[..count])
        {
            total += tokens;
            if ((uint)index >= (uint)ready.Length || tokens < 1 || tokens > ready[index].Remaining || isPlanned[index])
            {
                return false;
            }

            isPlanned[index] = true;
        }

        return total <= budget;
    }

    /// <summary>
    /// Runs a pass. If it fails, a request that was alone in it fails with the error, and others stay as they were.
    /// </summary>
    bool TryExecute(ReadOnlySpan<TokenGrant> grants)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        try
        {
            foreach (var (index, tokens) in grants)
            {
                count += _ready[index].Request!.Fill(_batch.AsSpan(count, tokens));
            }

            Telemetry.BatchTokens.Record(count);
            _pass.Execute(_batch.AsSpan(0, count));
        }
#pragma warning disable CA1031 // Handed to whose tokens were in the pass, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.PassFailed(_logger, grants.Length, e);
            if (grants.Length == 1)
            {
                _ready[grants[0].Index].Request!.Fail(e);
            }

            return false;
        }
        finally
        {
            // Lets go of the caches of sequences that end.
            Array.Clear(_batch);
        }

        var first = 0;
        var end = Stopwatch.GetTimestamp();
        foreach (var (index, tokens) in grants)
        {
            _ready[index].Request!.Advance(tokens, _pass, first);
            _ready[index].WaitsSince = end;
            first += tokens;
        }

        if (count > grants.Length)
        {
            // Smoothed: one slow pass on a busy machine should not make the next ones tiny.
            var seconds = Stopwatch.GetElapsedTime(start, end).TotalSeconds / count;
            _secondsPerToken = _secondsPerToken == 0 ? seconds : (0.75 * _secondsPerToken) + (0.25 * seconds);
        }

        return true;
    }

    /// <summary>Lets all tasks go on whose request is done, side by side; those with another request are ready for the next pass.</summary>
    void StepAll()
    {
        if (_stepping.Count == 0)
        {
            return;
        }

        if (_stepping.Count == 1)
        {
            _stepping[0].MoveNext(Stopwatch.GetTimestamp());
        }
        else
        {
            _team.Run(_step);
        }

        _ready.AddRange(_stepping.Where(task => task.Request is not null));
        _stepping.Clear();
    }

    void Step(int member)
    {
        while (_team.TryTake(member, _stepping.Count, out var index))
        {
            _stepping[index].MoveNext(Stopwatch.GetTimestamp());
        }
    }
}
