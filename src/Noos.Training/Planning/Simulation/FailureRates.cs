namespace Noos.Training.Planning.Simulation;

/// <summary>What interrupts a run, with its share of all interruptions.</summary>
/// <param name="NeedsNode">The server leaves the run and is repaired; otherwise the same one goes on.</param>
public sealed record FailureCause(string Name, double Share, bool NeedsNode);

/// <summary>How often servers fail, and in which ways. Rates are per thousand days of one server.</summary>
public sealed record FailureRates
{
    /// <summary>Crashes that end a run which does nothing about them.</summary>
    public double Crashes { get; init; } = Llama3;

    /// <summary>Servers that become slow without failing.</summary>
    public double Stragglers { get; init; } = 1;

    /// <summary>How much slower: 0.1 makes every step of the whole run a tenth longer.</summary>
    public double StragglerSlowdown { get; init; } = 0.1;

    /// <summary>Servers that compute something wrong without saying so.</summary>
    public double Corruptions { get; init; } = 0.054;

    /// <summary>Interruptions of the whole run by people, per day.</summary>
    public double PlannedPerDay { get; init; }

    /// <summary>Hours until a server that left is back.</summary>
    public double RepairHours { get; init; } = 24;

    public IReadOnlyList<FailureCause> Causes { get; init; } = Llama3Causes;

    /// <summary>Where the numbers are from.</summary>
    public string Source { get; init; } =
        "crashes and causes: 419 in 54 days of 2,048 servers (arXiv 2407.21783, table 5), of them 6 of silent corruption; stragglers and "
        + "repair: assumed, nobody publishes them";

    /// <summary>419 unexpected interruptions in 54 days of 2,048 servers.</summary>
    public const double Llama3 = 419 / (54.0 * 2048) * 1000;

    /// <summary>No failures at all.</summary>
    public static FailureRates None { get; } = new() { Crashes = 0, Stragglers = 0, Corruptions = 0, Source = "none" };

    /// <summary>Table 5 of arXiv 2407.21783, small ones together.</summary>
    public static IReadOnlyList<FailureCause> Llama3Causes { get; } =
    [
        new("GPU", 148, true),
        new("GPU memory (HBM3)", 72, true),
        new("software", 54, false),
        new("network switch or cable", 35, false),
        new("host maintenance", 32, true),
        new("GPU SRAM", 19, true),
        new("GPU system processor", 17, true),
        new("network card", 7, true),
        new("watchdog of the collectives", 7, false),
        new("silent corruption that was noticed", 6, true),
        new("cooling and sensors", 6, true),
        new("other parts of the server", 16, true),
    ];
}
