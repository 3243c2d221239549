using Noos.Core;

namespace Noos.Training.Planning.Machines;

/// <summary>One kind of GPU in a server of several, and what training software gets out of it.</summary>
public sealed record Accelerator
{
    public required string Name { get; init; }

    /// <summary>Dense 16-bit matrix products by the data sheet, in FLOP/s.</summary>
    public required double PeakFlops { get; init; }

    /// <summary>Device memory in bytes.</summary>
    public required double Memory { get; init; }

    /// <summary>Memory bandwidth by the data sheet, in bytes per second.</summary>
    public required double MemoryBandwidth { get; init; }

    /// <summary>Bandwidth to the other GPUs of the server, one direction, in bytes per second.</summary>
    public required double NodeBandwidth { get; init; }

    /// <summary>Bandwidth of the network per GPU, one direction, in bytes per second.</summary>
    public required double NetworkBandwidth { get; init; }

    /// <summary>GPUs of one server.</summary>
    public int PerNode { get; init; } = 8;

    /// <summary>Share of the peak that matrix products of training reach; see <see cref="EfficiencySource"/>.</summary>
    public required double ProductEfficiency { get; init; }

    /// <summary>Share of the peak that attention reaches; its products are thin.</summary>
    public required double AttentionEfficiency { get; init; }

    /// <summary>Where the two efficiencies are from: never from a run that the planner is checked against.</summary>
    public required string EfficiencySource { get; init; }

    /// <summary>Attention writes its [sequence, sequence] scores to memory (before FlashAttention).</summary>
    public bool WritesScores { get; init; }

    /// <summary>Price of one GPU for an hour where none is given, in dollars.</summary>
    public double Price { get; init; }

    /// <summary>Shares of bandwidths that kernels and collectives reach.</summary>
    public double MemoryEfficiency { get; init; } = 0.8;

    /// <inheritdoc cref="MemoryEfficiency"/>
    public double LinkEfficiency { get; init; } = 0.75;
}

/// <summary>The GPUs that the planner knows.</summary>
public static class Accelerators
{
    const double Gb = 1e9;
    const double Tera = 1e12;

    // Fitted by least squares on the ten rows of table 1 of arXiv 2104.04473 (Megatron-LM, 2021: 1.7 to 1,008 billion parameters), none of
    // which is a run that the planner is checked against; the test of the fit stands beside those of the checks.
    const string Megatron = "fitted on the ten rows of table 1 of arXiv 2104.04473 (Megatron-LM on A100, 2021)";

    // 46.4% of peak for 7 billion parameters on one server without recomputation, less what the step model counts beside the products.
    const string Foundry = "MosaicML llm-foundry, scripts/train/benchmarking (H100 BF16, 7B, 8 GPUs, 46.4% MFU); attention 35% of peak: "
        + "FlashAttention-2 on H100 (arXiv 2407.08608, abstract)";

    public static IReadOnlyList<Accelerator> All { get; } =
    [
        new()
        {
            Name = "a100",
            PeakFlops = 312 * Tera,
            Memory = 80 * Gb,
            MemoryBandwidth = 2.04 * Tera,
            NodeBandwidth = 300 * Gb,
            NetworkBandwidth = 25 * Gb,
            ProductEfficiency = A100Efficiency,
            AttentionEfficiency = A100Efficiency,
            EfficiencySource = Megatron,
            WritesScores = true,
            Price = 1,
        },
        new()
        {
            Name = "h100",
            PeakFlops = 989 * Tera,
            Memory = 80 * Gb,
            MemoryBandwidth = 3.35 * Tera,
            NodeBandwidth = 450 * Gb,
            NetworkBandwidth = 50 * Gb,
            ProductEfficiency = H100Efficiency,
            AttentionEfficiency = 0.35,
            EfficiencySource = Foundry,
            Price = 2,
        },
        new()
        {
            Name = "h200",
            PeakFlops = 989 * Tera,
            Memory = 141 * Gb,
            MemoryBandwidth = 4.8 * Tera,
            NodeBandwidth = 450 * Gb,
            NetworkBandwidth = 50 * Gb,
            ProductEfficiency = H100Efficiency,
            AttentionEfficiency = 0.35,
            EfficiencySource = "as h100, whose chip it is",
            Price = 2.5,
        },
    ];

    internal const double A100Efficiency = 0.66;

    internal const double H100Efficiency = 0.52;

    /// <exception cref="NoosException">There is no GPU of this name.</exception>
    public static Accelerator Get(string name) =>
        All.FirstOrDefault(gpu => gpu.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new NoosException(
            ErrorKind.NotFound, $"The planner knows no GPU '{name}'; give one of {string.Join(", ", All.Select(gpu => gpu.Name))}.");
}
