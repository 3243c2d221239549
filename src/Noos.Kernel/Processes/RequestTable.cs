using System.Collections.Concurrent;
using Noos.Core;

namespace Noos.Kernel.Processes;

/// <summary>
/// Requests of the API that use the model, as processes that live in memory only: they are listed and can be killed, and are gone with
/// their answer. Thread-safe.
/// </summary>
public sealed class RequestTable(TimeProvider? timeProvider = null)
{
    /// <summary>Ids of requests begin here; no journal has as many processes.</summary>
    public const long FirstId = 1_000_000_001;

    // So long answers under way may go on when the system stops.
    static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(1500);

    readonly ConcurrentDictionary<long, RequestProcess> _requests = [];
    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    long _last = FirstId - 1;
    volatile bool _isStopping;

    /// <summary>Those under way, the latest first.</summary>
    public IReadOnlyList<ProcessRecord> List() =>
        [.. _requests.Values.Select(request => request.Record).OrderByDescending(record => record.Id)];

    /// <summary>One that is under way; null if there is none.</summary>
    public ProcessRecord? Find(long id) => _requests.GetValueOrDefault(id)?.Record;

    /// <summary>
    /// The system stops: requests that have not begun to be answered, and those still to come, are told to come back; answers under way
    /// that are not complete a moment later, too.
    /// </summary>
    public void Stop()
    {
        _isStopping = true;
        TurnAway(request => request.Record.State == ProcessState.Ready);
        _ = TurnAwayLaterAsync();

        async Task TurnAwayLaterAsync()
        {
            await Task.Delay(s_grace, _timeProvider);
            TurnAway(static _ => true);
        }
    }

    /// <summary>A request begins; it ends when it is disposed.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="program">What it runs.</param>
    /// <param name="title">The beginning of what it asks.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="cancellationToken">Cancelled when whoever asked has gone.</param>
    public RequestProcess Begin(
        string owner, ProcessProgram program, string? title, ProcessPriority priority, CancellationToken cancellationToken)
    {
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
            record, _timeProvider, () => _requests.TryRemove(id, out _), cancellationToken);
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

    void TurnAway(Func<RequestProcess, bool> isMeant)
    {
        foreach (var request in _requests.Values.Where(isMeant))
        {
            _ = request.TurnAwayAsync();
        }
    }

    static NoosException Missing(long id) =>
        new(ErrorKind.NotFound, $"There is no request {id} under way; it is over, or was never here.");
}
