using Noos.Kernel.Processes;

namespace Noos.Kernel.Timers;

/// <summary>A timer as it is now.</summary>
/// <param name="Id">That of its process, whose events are its log.</param>
/// <param name="Owner">Whose.</param>
/// <param name="Message">What is said to each of its jobs.</param>
public sealed record TimerRecord(long Id, string Owner, string Message)
{
    public string? Title { get; init; }

    /// <summary>Null where it runs once.</summary>
    public string? Cron { get; init; }

    /// <summary>Null where it runs by a cron line.</summary>
    public DateTimeOffset? At { get; init; }

    public MissedRuns Missed { get; init; }

    /// <summary>What its jobs run.</summary>
    public required ProcessProgram Program { get; init; }

    /// <summary>Sleeping, or done: it does not run again.</summary>
    public ProcessState State { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>When it is due; null where it does not run again.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>What became of it when it was last due; null where it was not yet.</summary>
    public TimerRun? Last { get; init; }

    /// <summary>The last time that it ran; null where it did not yet.</summary>
    public TimerRun? LastRun { get; init; }
}

/// <summary>What became of a timer that was due.</summary>
/// <param name="Due">When it was.</param>
/// <param name="Time">When that was noticed.</param>
public sealed record TimerRun(DateTimeOffset Due, DateTimeOffset Time)
{
    /// <summary>The process that it began; null where it was skipped.</summary>
    public long? Job { get; init; }

    /// <summary>Where that stands; null where it was skipped, or the job is forgotten.</summary>
    public ProcessState? JobState { get; init; }

    /// <summary>Why it was skipped; null where it ran.</summary>
    public string? Skipped { get; init; }

    /// <summary>So many runs were missed until then.</summary>
    public int Missed { get; init; }
}
