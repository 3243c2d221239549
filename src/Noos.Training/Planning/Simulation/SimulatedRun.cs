namespace Noos.Training.Planning.Simulation;

/// <summary>What is simulated.</summary>
public sealed record SimulationOptions
{
    /// <summary>Servers that compute.</summary>
    public required int Nodes { get; init; }

    /// <summary>Time of a step without failures and checks.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Steps of the run.</summary>
    public required double Steps { get; init; }

    /// <summary>Replicas that an elastic design can do without one by one.</summary>
    public int Replicas { get; init; } = 1;

    public FailureRates Rates { get; init; } = new();

    public RecoveryDesign Design { get; init; } = RecoveryDesigns.Automatic;

    /// <summary>The run is given up after so long.</summary>
    public double MaxSeconds { get; init; } = 5 * 365 * 86_400.0;

    public ulong Seed { get; init; } = 1;
}

/// <summary>What a run does at a time.</summary>
public enum RunPhase
{
    /// <summary>Training.</summary>
    Useful,

    /// <summary>Training, with a straggler or without some replicas.</summary>
    Slow,

    /// <summary>Doing again what a failure lost.</summary>
    Redone,

    /// <summary>From a failure until all compute again.</summary>
    Recovering,

    /// <summary>For a server, since no spare was left.</summary>
    Waiting,
}

/// <summary>A stretch of one phase.</summary>
/// <param name="Start">Seconds since the start of the run.</param>
/// <param name="End">Seconds since the start of the run.</param>
public sealed record RunSegment(RunPhase Phase, double Start, double End);

/// <summary>Something that happened to the run.</summary>
/// <param name="Time">Seconds since the start of the run.</param>
public sealed record RunIncident(double Time, string Cause, int Node);

/// <summary>One simulated run. The parts of its time add up to <see cref="Elapsed"/>; all in seconds.</summary>
public sealed record SimulatedRun
{
    public required bool IsComplete { get; init; }

    public required double Elapsed { get; init; }

    /// <summary>Steps that remain in the result, at the speed without failures and checks.</summary>
    public required double Useful { get; init; }

    /// <summary>Work that a failure threw away.</summary>
    public required double Redone { get; init; }

    /// <summary>Longer steps, by stragglers and missing replicas.</summary>
    public required double Slowdown { get; init; }

    /// <summary>Checks of other computation.</summary>
    public required double Verification { get; init; }

    /// <summary>Stops for checkpoints.</summary>
    public required double Stalls { get; init; }

    public required double Recovering { get; init; }

    public required double Waiting { get; init; }

    /// <summary>How often the run was started again, attempts that failed included.</summary>
    public required int Restarts { get; init; }

    /// <summary>Between checkpoints, as used.</summary>
    public required double Interval { get; init; }

    /// <summary>Most servers in repair at a time.</summary>
    public required int MaxRepairs { get; init; }

    public required IReadOnlyList<RunSegment> Timeline { get; init; }

    public required IReadOnlyList<RunIncident> Incidents { get; init; }

    /// <summary>Time and useful work done by then, at every change of pace.</summary>
    public required IReadOnlyList<(double Time, double Work)> Progress { get; init; }

    /// <summary>Share of the time that went into the result: effective training time.</summary>
    public double EffectiveTime => Elapsed > 0 ? Useful / Elapsed : 1;
}
