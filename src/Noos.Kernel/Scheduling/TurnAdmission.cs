using Noos.Kernel.Processes;

namespace Noos.Kernel.Scheduling;

/// <summary>
/// Lets turns into a model that runs so many side by side. A turn waits only for turns of its own class and of better ones, so background
/// work never keeps a person waiting, however much of it there is. Of those who wait the best class goes first, then the owner with the
/// fewest turns inside, then who came first; who waits long counts as a better class, so that nobody starves. Thread-safe.
/// </summary>
/// <param name="maxTurns">Most turns of a class and better ones; all classes together may have four times as many.</param>
/// <param name="timeProvider">The clock of the waiting.</param>
public sealed class TurnAdmission(int maxTurns, TimeProvider? timeProvider = null)
{
    const int Classes = (int)ProcessPriority.Background + 1;

    // After so long a turn counts as one class better.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly Lock _lock = new();
    readonly int[] _inside = new int[Classes];
    readonly Dictionary<string, int> _insideByOwner = new(StringComparer.Ordinal);
    readonly List<Ticket> _waiting = [];
    TaskCompletionSource? _closed;

    /// <summary>Most turns of a class and better ones.</summary>
    public int MaxTurns => maxTurns;

    /// <summary>Turns that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Waits until the turn may run; dispose the ticket when it is over.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public async ValueTask<IDisposable> EnterAsync(string? owner, ProcessPriority priority, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Ticket ticket;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed is not null, this);
            ticket = new Ticket(this, owner ?? "", priority, _timeProvider.GetTimestamp());
            if (HasRoom((int)priority))
            {
                Admit(ticket);
                return ticket;
            }

            _waiting.Add(ticket);
        }

        using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((Ticket)state!).Cancel(token), ticket);
        await ticket.Admitted;
        return ticket;
    }

    /// <summary>Lets nobody in any more; completes when all have left.</summary>
    public Task CloseAsync()
    {
        Ticket[] refused;
        Task left;
        lock (_lock)
        {
            if (_closed is null)
            {
                _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                TryComplete();
            }

            left = _closed.Task;
            refused = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var ticket in refused)
        {
            ticket.Refuse(new ObjectDisposedException(nameof(TurnAdmission)));
        }

        return left;
    }

    bool HasRoom(int priority)
    {
        var inside = 0;
        for (var better = 0; better <= priority; better++)
        {
            inside += _inside[better];
        }

        return inside < maxTurns;
    }

    void Admit(Ticket ticket)
    {
        _inside[(int)ticket.Priority]++;
        _insideByOwner[ticket.Owner] = _insideByOwner.GetValueOrDefault(ticket.Owner) + 1;
        ticket.IsInside = true;
    }

    void Leave(Ticket ticket)
    {
        List<Ticket> admitted = [];
        lock (_lock)
        {
            if (!ticket.IsInside)
            {
                return;
            }

            ticket.IsInside = false;
            _inside[(int)ticket.Priority]--;
            if (--_insideByOwner[ticket.Owner] == 0)
            {
                _insideByOwner.Remove(ticket.Owner);
            }

            while (Next() is { } next)
            {
                _waiting.Remove(next);
                Admit(next);
                admitted.Add(next);
            }

            TryComplete();
        }

        admitted.ForEach(next => next.Admit());
    }

    void TryComplete()
    {
        if (Array.TrueForAll(_inside, count => count == 0))
        {
            _closed?.TrySetResult();
        }
    }

    /// <summary>Who goes in next; null where there is room for none of those who wait.</summary>
    Ticket? Next()
    {
        var now = _timeProvider.GetTimestamp();
        return _waiting
            .Select(ticket => (Ticket: ticket, Class: ClassOf(ticket, now)))
            .Where(waiting => HasRoom(waiting.Class))
            .OrderBy(waiting => waiting.Class)
            .ThenBy(waiting => _insideByOwner.GetValueOrDefault(waiting.Ticket.Owner))
            .Select(waiting => waiting.Ticket)
            .FirstOrDefault();
    }

    int ClassOf(Ticket ticket, long now) =>
        Math.Max(0, (int)ticket.Priority - (int)(_timeProvider.GetElapsedTime(ticket.Since, now) / s_patience));

    sealed class Ticket(TurnAdmission admission, string owner, ProcessPriority priority, long since) : IDisposable
    {
        readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Owner => owner;

        public ProcessPriority Priority => priority;

        public long Since => since;

        public bool IsInside { get; set; }

        public Task Admitted => _admitted.Task;

        public void Admit() => _admitted.TrySetResult();

        public void Refuse(Exception reason) => _admitted.TrySetException(reason);

        public void Cancel(CancellationToken cancellationToken)
        {
            lock (admission._lock)
            {
                if (!admission._waiting.Remove(this))
                {
                    return;
                }
            }

            _admitted.TrySetCanceled(cancellationToken);
        }

        public void Dispose() => admission.Leave(this);
    }
}
