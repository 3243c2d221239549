using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Timers;

/// <summary>
/// The timers of a home. A timer is a process of the kind <see cref="ProcessKind.Timer"/> that sleeps; when it is due it begins a job, a
/// process of its own, and says its message to it. The job and the note that the timer has had its run are one write, so that a kill at any
/// moment neither loses a run nor makes it twice. While a job goes on, or waits for a person, the next run is skipped, and that is noted.
/// Thread-safe; what fails is logged and tried again.
/// </summary>
/// <param name="table">The processes; owned by the caller, who disposes it after this.</param>
/// <param name="timeProvider">The clock, whose time zone cron lines mean.</param>
/// <param name="logger">Told of runs that were missed or skipped.</param>
/// <param name="maxTimers">Timers that one owner may have at the same time.</param>
public sealed class TimerTable(
    ProcessTable table, TimeProvider? timeProvider = null, ILogger? logger = null, int maxTimers = TimerTable.DefaultMaxTimers)
    : IAsyncDisposable
{
    /// <summary>Timers that one owner may have, unless told otherwise.</summary>
    public const int DefaultMaxTimers = 100;

    // What is noticed so late was missed: the system was off, or the machine slept, or its clock was set forward.
    static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);

    // A clock that was set is noticed after so long.
    static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(30);

    // Counted are at most so many: a timer of every minute misses half a million in a year.
    const int MaxMissed = 10_000;

    readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    readonly ILogger _logger = logger ?? NullLogger.Instance;
    readonly TimerReader _timers = new(table.Journal.Reader, timeProvider ?? TimeProvider.System);
    readonly SemaphoreSlim _turnstile = new(1, 1);
    readonly SemaphoreSlim _changed = new(0);
    readonly CancellationTokenSource _stop = new();
    readonly Lock _lock = new();
    Task? _loop;

    /// <summary>Runs timers as they become due, and what was missed at once, until this is disposed. To be called once.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _loop ??= Task.Run(LoopAsync);
        }
    }

    /// <inheritdoc cref="TimerReader.List"/>
    public IReadOnlyList<TimerRecord> List(bool includesEnded = false, string? owner = null) => _timers.List(includesEnded, owner);

    /// <summary>A timer as it is now.</summary>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public TimerRecord Get(long timer) => _timers.ToRecord(table.Journal.Reader.FindTimer(timer) ?? throw Missing(timer));

    /// <summary>Sets a timer. It is on the disk when this completes.</summary>
    /// <exception cref="NoosException">
    /// It could never run, or its program names a tool that is not there (Invalid), or its owner has as many as one may (Refused).
    /// </exception>
    public async Task<TimerRecord> AddAsync(TimerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (string.IsNullOrWhiteSpace(start.Message))
        {
            throw new NoosException(ErrorKind.Invalid, "The message is missing; say what the timer shall ask for.")
            {
                Parameter = "message",
            };
        }

        var schedule = TimerSchedule.Parse(start.Cron, start.At, _timeProvider);
        if (table.Journal.Reader.Timers(includesEnded: false, start.Owner).Count >= maxTimers)
        {
            throw new NoosException(
                ErrorKind.Refused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{start.Owner} has {maxTimers} timers, as many as one may have; remove one ('noos timer rm'), or allow more ('noos up "
                    + $"--max-timers')."));
        }

        var id = await table.AddTimerAsync(
            start.Owner, start.Program, start.Title, new TimerSet(schedule, start.Message, start.Missed), cancellationToken);
        _changed.Release();
        return Get(id);
    }

    /// <summary>Ends a timer and forgets it with its log; the jobs that it has begun stay.</summary>
    /// <returns>The timer as it was.</returns>
    /// <exception cref="NoosException">There is none with this id (NotFound).</exception>
    public async Task<TimerRecord> RemoveAsync(long timer, CancellationToken cancellationToken = default)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            var removed = Get(timer);
            await table.DeleteAsync(timer, cancellationToken);
            return removed;
        }
        finally
        {
            _turnstile.Release();
        }
    }

    /// <summary>Runs what is due now.</summary>
    /// <returns>When the next timer is due; null where none is.</returns>
    public async Task<DateTimeOffset?> RunDueAsync(CancellationToken cancellationToken = default)
    {
        await _turnstile.WaitAsync(cancellationToken);
        try
        {
            DateTimeOffset? first = null;
            foreach (var timer in table.Journal.Reader.Timers(includesEnded: false, owner: null))
            {
                DateTimeOffset? next = null;
                try
                {
                    next = await RunAsync(timer, cancellationToken);
                }
                catch (Exception e) when (e is NoosException or ObjectDisposedException)
                {
                    // Perhaps it is gone by now. One that cannot be written, or whose line a newer Noos wrote, must not keep the others
                    // from their time.
                    Log.TimerFailed(_logger, timer.Process.Id, e.Message);
                }

                first = next is null || next > first ? first : next;
            }

            return first;
        }
        finally
        {
            _turnstile.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task? loop;
        lock (_lock)
        {
            (loop, _loop) = (_loop, Task.CompletedTask);
        }

        await (loop ?? Task.CompletedTask);
        _stop.Dispose();
        _changed.Dispose();
        _turnstile.Dispose();
    }

    async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var wait = s_maxWait;
            try
            {
                if (await RunDueAsync(_stop.Token) is { } next)
                {
                    // A timer of the system may be early by a part of a millisecond.
                    var left = next - _timeProvider.GetUtcNow() + TimeSpan.FromMilliseconds(1);
                    wait = left < TimeSpan.Zero ? TimeSpan.Zero : left < s_maxWait ? left : s_maxWait;
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is, the timers must go on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.TimersFailed(_logger, ExceptionTrace.Describe(e));
            }

            using var delay = new CancellationTokenSource(wait, _timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(delay.Token, _stop.Token);
            try
            {
                await _changed.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // It is time, or over.
            }
        }
    }

    /// <returns>When it is due again.</returns>
    async Task<DateTimeOffset?> RunAsync(StoredTimer timer, CancellationToken cancellationToken)
    {
        var id = timer.Process.Id;
        var now = _timeProvider.GetUtcNow();
        if (_timers.IsClockSetBack(timer))
        {
            Log.ClockSetBack(_logger, id, timer.Since);
            await table.NoteTimerAsync(id, [new ClockSetBack(now)], cancellationToken);
            timer = table.Journal.Reader.FindTimer(id) ?? throw Missing(id);
        }

        var due = _timers.NextDue(timer);
        return due is { } time && time <= now ? await RunAsync(timer, time, now, cancellationToken) : due;
    }

    async Task<DateTimeOffset?> RunAsync(
        StoredTimer timer, DateTimeOffset first, DateTimeOffset now, CancellationToken cancellationToken)
    {

        // All until now are one run, the last of them; those before were missed.
        var id = timer.Process.Id;
        var nextAfter = _timers.TimesOf(timer);
        var (due, missed) = (first, 0);
        while (nextAfter(due) is { } later && later <= now)
        {
            // A clock that is years ahead would make this long.
            due = ++missed < MaxMissed ? later : LastUntil(now, later);
        }

        var since = due == first ? (DateTimeOffset?)null : first;
        var isLate = now - due > s_grace;
        missed += isLate ? 1 : 0;
        JournalEvent[] end = timer.Set.Schedule.At is null ? [] : [new StateChanged(ProcessState.Done)];
        if (missed > 0)
        {
            Log.TimerMissed(_logger, id, missed, first);
        }

        if (ReasonToSkip(timer, isLate) is { } reason)
        {
            Log.TimerSkipped(_logger, id, reason);
            await table.NoteTimerAsync(id, [new TimerSkipped(due, reason, missed, since), .. end], cancellationToken);
        }
        else
        {
            await table.FireTimerAsync(
                timer.Process, Message.User(timer.Set.Message), job => [new TimerFired(due, job, missed, since), .. end],
                cancellationToken);
        }

        return nextAfter(due);

        // Looks back from the end, each time twice as far.
        DateTimeOffset LastUntil(DateTimeOffset end, DateTimeOffset known)
        {
            for (var span = TimeSpan.FromMinutes(1); end - known > span; span *= 2)
            {
                if (nextAfter(end - span) is { } found && found <= end)
                {
                    known = found;
                    break;
                }
            }

            while (nextAfter(known) is { } later && later <= end)
            {
                known = later;
            }

            return known;
        }
    }

    string? ReasonToSkip(StoredTimer timer, bool isLate)
    {
        if (isLate && timer.Set.Missed == MissedRuns.Skip)
        {
            return "missed while the system was off";
        }

        if (timer.Job is { } job && table.Journal.Reader.Find(job) is { IsEnded: false })
        {
            return string.Create(CultureInfo.InvariantCulture, $"process {job}, its last run, has not ended");
        }

        if (table.FindUnknownTool(timer.Process.Program) is { } tool)
        {
            return $"there is no tool '{tool}'";
        }

        try
        {
            table.RequireTokens(timer.Process.Owner);
            return null;
        }
        catch (NoosException refusal) when (refusal.Kind == ErrorKind.Busy)
        {
            return refusal.Message;
        }
    }

    static NoosException Missing(long timer) =>
        new(ErrorKind.NotFound, $"There is no timer {timer}; 'noos timers' lists those there are.");
}
