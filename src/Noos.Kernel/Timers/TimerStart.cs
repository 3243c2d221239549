using Noos.Kernel.Processes;

namespace Noos.Kernel.Timers;

/// <summary>What a timer begins as.</summary>
/// <param name="Owner">Whose it is, and whose its jobs are.</param>
/// <param name="Program">What its jobs run.</param>
/// <param name="Message">What is said to each.</param>
public sealed record TimerStart(string Owner, ProcessProgram Program, string Message)
{
    /// <summary>A cron line; null where <see cref="At"/> says when.</summary>
    public string? Cron { get; init; }

    /// <summary>A time, or "in 10m"; null where <see cref="Cron"/> says when.</summary>
    public string? At { get; init; }

    public MissedRuns Missed { get; init; }

    /// <summary>What it and its jobs are called.</summary>
    public string? Title { get; init; }
}
