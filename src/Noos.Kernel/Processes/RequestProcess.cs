using Noos.Core;
using Noos.Kernel.Tracing;

namespace Noos.Kernel.Processes;

/// <summary>
/// A request of the API while it is answered. The one who answers tells it what happens; others read and kill it. Thread-safe.
/// </summary>
public sealed class RequestProcess : IDisposable
{
    readonly Lock _lock = new();
    readonly TimeProvider _timeProvider;
    readonly CancellationTokenSource _stop;
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Action _remove;
    readonly long _began;
    ProcessRecord _record;
    long _tokens;
    string? _reason;
    bool _isTurnedAway;

    internal RequestProcess(ProcessRecord record, TimeProvider timeProvider, Action remove, CancellationToken cancellationToken)
    {
        _record = record;
        _timeProvider = timeProvider;
        _remove = remove;
        _began = timeProvider.GetTimestamp();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _stop.Token;
    }

    /// <summary>Cancelled when whoever asked has gone, or the request was killed.</summary>
    public CancellationToken Token { get; }

    /// <summary>As it is now.</summary>
    public ProcessRecord Record
    {
        get
        {
            lock (_lock)
            {
                return _record with
                {
                    Usage = _record.Usage + new ProcessUsage(
                        0, _tokens, 0, (long)_timeProvider.GetElapsedTime(_began).TotalMilliseconds),
                };
            }
        }
    }

    /// <summary>Over when the request is.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Takes note of what happens in the answer.</summary>
    public void Note(TraceEvent item)
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_lock)
        {
            switch (item)
            {
                case RunStartedEvent or TextEvent or ThoughtEvent:
                    // One token where nobody knows: models elsewhere tell no ids.
                    _tokens += item is RunStartedEvent ? 0 : item.TokenIds?.Count ?? 1;
                    Become(ProcessState.Running);
                    break;
                case ToolCallEvent:
                    _tokens += item.TokenIds?.Count ?? 0;
                    break;
                case ModelRunEvent run:
                    _tokens = 0;
                    Spend(new ProcessUsage(run.PromptTokens, run.GeneratedTokens));
                    Become(ProcessState.WaitingForCall);
                    break;
                case ToolResultEvent:
                    Spend(new ProcessUsage(Calls: 1));
                    Become(ProcessState.Running);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>It has the model now: what is not told by events.</summary>
    public void Run()
    {
        lock (_lock)
        {
            Become(ProcessState.Running);
        }
    }

    /// <summary>It has spent so much: what is not told by events.</summary>
    public void Note(ProcessUsage usage)
    {
        lock (_lock)
        {
            Spend(usage);
        }
    }

    /// <summary>Somebody has ended the request: it was killed, or the system stops.</summary>
    public bool IsKilled => _reason is not null;

    /// <summary>What whoever asked is told of that.</summary>
    public NoosException ToException() => _isTurnedAway
        ? new(ErrorKind.Unavailable, _reason!) { Code = NoosException.Stopping }
        : new(ErrorKind.Refused, _reason ?? "The request is over.");

    internal Task KillAsync(string? reason) =>
        EndAsync(reason is null ? "The request was killed." : $"The request was killed: {reason}");

    internal Task TurnAwayAsync()
    {
        _isTurnedAway = true;
        return EndAsync("The server stops; ask again when it is up.");
    }

    Task EndAsync(string reason)
    {
        _reason ??= reason;
        try
        {
            return _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It is over.
            return Task.CompletedTask;
        }
    }

    internal void Nice(ProcessPriority priority)
    {
        lock (_lock)
        {
            _record = _record with { Priority = priority };
        }
    }

    public void Dispose()
    {
        _remove();
        _completion.TrySetResult();
        _stop.Dispose();
    }

    void Become(ProcessState state)
    {
        if (_record.State != state)
        {
            _record = _record with { State = state, Changed = _timeProvider.GetUtcNow() };
        }
    }

    void Spend(ProcessUsage usage) => _record = _record with { Usage = _record.Usage + usage };
}
