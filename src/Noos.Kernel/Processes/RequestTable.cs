using System.Collections.Concurrent;
using Noos.Core;
using Noos.Kernel.Accounts;

namespace Noos.Kernel.Processes;

/// <summary>
/// Requests of the API that use the model, as processes that live in memory only: they are listed and can be killed, and are gone with
/// their answer. Thread-safe.
/// </summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="quota">What owners may use; null where there is no limit.</param>
public sealed class RequestTable(TimeProvider? timeProvider = null, IOwnerQuota? quota = null)
{
    /// <summary>Ids of requests begin here; no journal has as many processes.</summary>
    public const long FirstId = 1_000_000_001;

    readonly ConcurrentDictionary<long, RequestProcess> _requests = [];
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    long _last = FirstId - 1;
    volatile bool _isStopping;

    /// <summary>Those under way, the latest first.</summary>
    public IReadOnlyList<ProcessRecord> List() =>
        [.. _requests.Values.Select(request => request.Record).OrderByDescending(record => record.Id)];

    /// <summary>One that is under way; null if there is none.</summary>
    public ProcessRecord? Find(long id) => _requests.GetValueOrDefault(id)?.Record;

    /// <summary>The system stops: requests that have not begun to be answered, and those still to come, are told to come back.</summary>
    public void Stop()
    {
        _isStopping = true;
        foreach (var request in _requests.Values.Where(request => request.Record.State == ProcessState.Ready))
        {
            _ = request.TurnAwayAsync();
        }
    }

    /// <summary>The time is over: requests whose answer is not complete are ended, and whoever asked is told to come back.</summary>
    public void TurnAllAway()
    {
        foreach (var request in _requests.Values)
        {
            _ = request.TurnAwayAsync();
        }
    }

    /// <summary>A request begins; it ends when it is disposed.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="program">What it runs.</param>
    /// <param name="title">The beginning of what it asks.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="cancellationToken">Cancelled when whoever asked has gone.</param>
    /// <exception cref="NoosException">The owner has used up what is allowed (Busy).</exception>
    public RequestProcess Begin(
        string owner, ProcessProgram program, string? title, ProcessPriority priority, CancellationToken cancellationToken)
    {
        quota?.RequireTokens(owner);
        var id = Interlocked.Increment(ref _last);
        var now = _timeProvider.GetUtcNow();
        var record = new ProcessRecord(id, null, owner, ProcessKind.Request)
        {
            Program = program,
            Title = title,
            State = ProcessState.Ready,
            Priority = priority,
            Created = now,
            Changed = now,
        };
        var request = _requests[id] = new RequestProcess(
            record, _timeProvider, () => End(id), cancellationToken);
        if (_isStopping)
        {
            // After it is in the table: whichever of the two sees the other.
            _ = request.TurnAwayAsync();
        }

        return request;
    }

    /// <summary>Ends a request: its answer is over, and whoever asked is told.</summary>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public async Task KillAsync(long id, string? reason = null) =>
        await (_requests.GetValueOrDefault(id) ?? throw Missing(id)).KillAsync(reason);

    /// <summary>Gives a request another priority, from its next run of the model on.</summary>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public void Nice(long id, ProcessPriority priority) =>
        (_requests.GetValueOrDefault(id) ?? throw Missing(id)).Nice(priority);

    /// <summary>Waits until a request is over.</summary>
    public Task WaitAsync(long id, CancellationToken cancellationToken = default) =>
        _requests.GetValueOrDefault(id) is { } request ? request.Completion.WaitAsync(cancellationToken) : Task.CompletedTask;

    void End(long id)
    {
        if (_requests.TryRemove(id, out var ended))
        {
            try
            {
                quota?.Spend(ended.Record.Owner, ended.Record.Usage);
            }
            catch (NoosException)
            {
                // The answer was given; that it could not be counted takes it back from nobody.
            }
        }
    }

    static NoosException Missing(long id) =>
        new(ErrorKind.NotFound, $"There is no request {id} under way; it is over, or was never here.");
}
