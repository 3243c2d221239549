using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Timers;

/// <summary>A timer as the journal has it.</summary>
/// <param name="Process">Its process, whose program is that of its jobs.</param>
/// <param name="Set">How it was set.</param>
/// <param name="Last">When it was last due: a <see cref="TimerFired"/> or <see cref="TimerSkipped"/>; null where it was not yet.</param>
/// <param name="LastFired">The last <see cref="TimerFired"/>; null where there is none.</param>
/// <param name="Clock">The last <see cref="ClockSetBack"/>; null where there is none.</param>
sealed record StoredTimer(ProcessRecord Process, TimerSet Set, JournalEntry? Last, JournalEntry? LastFired, JournalEntry? Clock)
{
    /// <summary>Behind this it is due: all before has been seen to.</summary>
    public DateTimeOffset Since => Clock is { Event: ClockSetBack clock } && Clock.Id > (Last?.Id ?? 0) ? clock.To : Last?.Event switch
    {
        TimerFired fired => fired.Due,
        TimerSkipped skipped => skipped.Due,
        _ => Process.Created,
    };

    /// <summary>The last job; null where there is none.</summary>
    public long? Job => (LastFired?.Event as TimerFired)?.Job;
}
