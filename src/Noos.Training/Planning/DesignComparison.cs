using Noos.Training.Planning.Simulation;

namespace Noos.Training.Planning;

/// <summary>Effective time of one design at one size.</summary>
public sealed record DesignPoint(RecoveryDesign Design, int Gpus, double Effective);

/// <summary>Every design at every size, in simulated runs of a month of work each: which of them keep a run above a bar?</summary>
public static class DesignComparison
{
    /// <summary>Where the mission puts the bar.</summary>
    public const double Bar = 0.95;

    const double Work = 30 * 86_400.0;
    const int Trials = 3;

    public static IReadOnlyList<int> Sizes { get; } = [1024, 2048, 4096, 8192, 16_384, 32_768, 60_000];

    /// <param name="stepSeconds">Time of a step.</param>
    /// <param name="gpusPerReplica">GPUs of one replica, which an elastic design loses at a time.</param>
    public static IReadOnlyList<DesignPoint> Run(
        FailureRates rates, double stepSeconds, int gpusPerReplica, int gpusPerNode = 8, ulong seed = 1) =>
        [.. RecoveryDesigns.All.SelectMany(design => Sizes.Select(gpus => new DesignPoint(design, gpus, Enumerable.Range(0, Trials)
            .Average(trial => new RunSimulator(new SimulationOptions
            {
                Nodes = gpus / gpusPerNode,
                StepSeconds = stepSeconds,
                Steps = Math.Ceiling(Work / stepSeconds),
                Replicas = Math.Max(1, gpus / gpusPerReplica),
                Rates = rates,
                Design = design,
                // A design that makes no progress must not be simulated for ever.
                MaxSeconds = 8 * Work,
                Seed = seed + (ulong)trial,
            }).Run().EffectiveTime))))];
}
