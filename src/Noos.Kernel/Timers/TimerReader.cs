using Noos.Kernel.Journaling;

namespace Noos.Kernel.Timers;

/// <summary>
/// Reads the timers of a journal and says when each is due. That follows from what has happened and from the clock alone, so a restart
/// changes nothing, and a clock that is set back or forward neither runs a timer twice for one time nor keeps it from its next.
/// Thread-safe.
/// </summary>
/// <param name="reader">The journal, which another program may hold.</param>
/// <param name="timeProvider">The clock and the time zone.</param>
public sealed class TimerReader(JournalReader reader, TimeProvider timeProvider)
{
    // Less is corrected all the time, and over before the next time of a cron line.
    static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(30);

    /// <summary>The timers, in the order in which they were set.</summary>
    /// <param name="includesEnded">Those that do not run again, too.</param>
    /// <param name="owner">Whose; null for all.</param>
    public IReadOnlyList<TimerRecord> List(bool includesEnded = false, string? owner = null) =>
        [.. reader.Timers(includesEnded, owner).Select(ToRecord)];

    internal TimerRecord ToRecord(StoredTimer timer)
    {
        var process = timer.Process;
        return new TimerRecord(process.Id, process.Owner, timer.Set.Message)
        {
            Title = process.Title,
            Cron = timer.Set.Schedule.Cron,
            At = timer.Set.Schedule.At,
            Missed = timer.Set.Missed,
            Program = process.Program,
            State = process.State,
            Created = process.Created,
            Next = process.IsEnded ? null : NextDue(timer),
            Last = ToRun(timer.Last),
            LastRun = ToRun(timer.LastFired),
        };
    }

    /// <summary>When a timer is due, which may be over already; null for never again.</summary>
    internal DateTimeOffset? NextDue(StoredTimer timer) => timer.Set.Schedule.At is { } at
        ? timer.Last is null ? at : null
        : TimesOf(timer)(IsClockSetBack(timer) ? timeProvider.GetUtcNow() : timer.Since);

    /// <summary>The clock shows much less than when the timer was last due: what is to come is counted from now.</summary>
    internal bool IsClockSetBack(StoredTimer timer) =>
        timer.Set.Schedule.At is null && timer.Since - timeProvider.GetUtcNow() > s_tolerance;

    /// <summary>From a time to the next of the timer.</summary>
    internal Func<DateTimeOffset, DateTimeOffset?> TimesOf(StoredTimer timer)
    {
        var (schedule, zone) = (timer.Set.Schedule, timeProvider.LocalTimeZone);
        if (timer.Clock is null && !IsClockSetBack(timer))
        {
            return time => schedule.NextAfter(time, zone);
        }

        // What has had its run by the other clock has had it; all else comes when this one says so, for the other may have been years
        // ahead.
        var had = reader.TimesOfTimer(timer.Process.Id, timeProvider.GetUtcNow() < timer.Since ? timeProvider.GetUtcNow() : timer.Since);
        return time =>
        {
            var next = schedule.NextAfter(time, zone);
            while (next is { } found && had.Contains(found))
            {
                next = schedule.NextAfter(found, zone);
            }

            return next;
        };
    }

    TimerRun? ToRun(JournalEntry? entry) => entry?.Event switch
    {
        TimerFired fired => new TimerRun(fired.Due, entry.Time)
        {
            Job = fired.Job,
            JobState = reader.Find(fired.Job)?.State,
            Missed = fired.Missed,
        },
        TimerSkipped skipped => new TimerRun(skipped.Due, entry.Time) { Skipped = skipped.Reason, Missed = skipped.Missed },
        _ => null,
    };
}
