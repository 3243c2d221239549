using Noos.Core;

namespace Noos.Training.Planning.Simulation;

/// <summary>What a run does about failures. Times are means, in seconds.</summary>
public sealed record RecoveryDesign
{
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>From the failure until somebody or something notices.</summary>
    public required double DetectionSeconds { get; init; }

    /// <summary>Until it is known which server to leave out.</summary>
    public required double DiagnosisSeconds { get; init; }

    /// <summary>Until all servers compute again: processes, collectives, the checkpoint.</summary>
    public required double RestartSeconds { get; init; }

    /// <summary>How long a checkpoint stops the run.</summary>
    public required double StallSeconds { get; init; }

    /// <summary>How long a checkpoint is on its way to where it survives the failure of a server.</summary>
    public required double WriteSeconds { get; init; }

    /// <summary>Between two checkpoints; null for the best by Daly, but not before the last one is written.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>
    /// The run loses the step at hand and goes on at once without the replica of the failed server, which joins again when a spare server
    /// has the state of another.
    /// </summary>
    public bool IsElastic { get; init; }

    /// <summary>Until a replica has joined again, where the design is elastic; the others compute meanwhile.</summary>
    public double RejoinSeconds { get; init; }

    /// <summary>Until a slow server is noticed.</summary>
    public double StragglerDetectionSeconds { get; init; } = 3600;

    /// <summary>Until a wrong result is noticed.</summary>
    public double CorruptionDetectionSeconds { get; init; } = 6 * 3600;

    /// <summary>Share of all computation that checks other computation.</summary>
    public double VerificationShare { get; init; }

    /// <summary>Spare servers, as a share of those that compute.</summary>
    public double SpareShare { get; init; } = 0.02;

    /// <summary>Length of a planned interruption.</summary>
    public double PlannedSeconds { get; init; } = 1800;

    /// <summary>Where the numbers are from.</summary>
    public string Source { get; init; } = "";
}

/// <summary>From people at night to a run that hardly stops.</summary>
public static class RecoveryDesigns
{
    // Of 405 billion parameters on 8,960 GPUs: 0.59 s of stall, 51 s to write, 129 s to load (ByteCheckpoint).
    const double Stall = 0.6;
    const double Write = 51;
    const double Load = 129;
    const string ByteCheckpoint = "checkpoints of 405B on 8,960 GPUs: arXiv 2407.20143, table 8";

    /// <summary>
    /// People find the server and start the run again: in a month of 40 crashes 31.2% of the time, by their report of which 3.4 points went
    /// to noticing, 19.7 to finding, 0.6 to restarting and 7.5 to work that was lost.
    /// </summary>
    public static RecoveryDesign ByHand { get; } = new()
    {
        Name = "by-hand",
        Summary = "People notice, find the server and start again; checkpoints every few hours.",
        DetectionSeconds = 0.0341 * Month / 40,
        DiagnosisSeconds = 0.1965 * Month / 40,
        RestartSeconds = 0.006 * Month / 40,
        StallSeconds = 60,
        WriteSeconds = 60,

        // A failure loses half an interval on average.
        IntervalSeconds = 2 * 0.0753 * Month / 40,
        SpareShare = 0.02,
        StragglerDetectionSeconds = 24 * 3600,
        CorruptionDetectionSeconds = 48 * 3600,
        Source = "arXiv 2406.04594 (C4, HPCA 2025): a 175B model on 2,400 GPUs in June 2023",
    };

    /// <summary>A driver restarts the run: at most 10 minutes until the server is found.</summary>
    public static RecoveryDesign Automatic { get; } = new()
    {
        Name = "automatic",
        Summary = "A driver notices, tests, replaces the server and restarts from a checkpoint that was copied to memory first.",
        DetectionSeconds = 120,
        DiagnosisSeconds = 480,
        RestartSeconds = 30 + Load,
        StallSeconds = Stall,
        WriteSeconds = Write,

        // Caught up "within 15 minutes from the latest checkpoints": the restart, and at most one interval done again.
        IntervalSeconds = (15 * 60) - (30 + Load),
        Source = "MegaScale, NSDI 2024 (arXiv 2402.15627): noticed and diagnosed in less than 10 minutes, caught up within 15 (hence an "
            + $"interval of 12), collectives up in 30 seconds; {ByteCheckpoint}",
    };

    /// <summary>The same with checkpoints as often as they can be written, and diagnosis by the collectives.</summary>
    public static RecoveryDesign Tuned { get; } = Automatic with
    {
        Name = "tuned",
        Summary = "As automatic, the server found by the collectives in a minute, checkpoints at the interval of Daly.",
        DetectionSeconds = 30,
        DiagnosisSeconds = 30,
        IntervalSeconds = null,
        StragglerDetectionSeconds = 600,
        Source = "found in tens of seconds: arXiv 2406.04594 (C4); collectives up in 30 seconds: arXiv 2402.15627; " + ByteCheckpoint,
    };

    /// <summary>The design of this repository's own data-parallel training, at that size.</summary>
    public static RecoveryDesign Elastic { get; } = new()
    {
        Name = "elastic",
        Summary = "Replicas go on without the failed one from the last step; gradients are checksummed and sampled ones computed twice.",
        DetectionSeconds = 10,
        DiagnosisSeconds = 0,
        RestartSeconds = 20,
        StallSeconds = Stall,
        WriteSeconds = Write,
        IsElastic = true,
        RejoinSeconds = 30 + Load,
        StragglerDetectionSeconds = 300,
        CorruptionDetectionSeconds = 600,
        VerificationShare = 0.005,
        Source = "assumed for this size: heartbeats of seconds, collectives anew in 20 seconds, a joining replica loads as long as a "
            + $"checkpoint ({ByteCheckpoint})",
    };

    const double Month = 30 * 86_400.0;

    public static IReadOnlyList<RecoveryDesign> All { get; } = [ByHand, Automatic, Tuned, Elastic];

    /// <exception cref="NoosException">There is no design of this name.</exception>
    public static RecoveryDesign Get(string name) =>
        All.FirstOrDefault(design => design.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new NoosException(
            ErrorKind.NotFound, $"There is no design '{name}'; give one of {string.Join(", ", All.Select(design => design.Name))}.");
}
