using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;

namespace Noos.Pages.Monitoring;

/// <summary>What the system did at one moment, of all its owners. Immutable.</summary>
/// <param name="Time">When.</param>
public sealed record SystemSnapshot(DateTimeOffset Time)
{
    /// <summary>Those at work first, then the one that changed last.</summary>
    public IReadOnlyList<WatchedProcess> Processes { get; init; } = [];

    /// <summary>Questions that wait for a person, the oldest first.</summary>
    public IReadOnlyList<JournalEntry> Approvals { get; init; } = [];

    /// <summary>Who holds which keys and values.</summary>
    public IReadOnlyList<ProcessMemory> Memory { get; init; } = [];

    /// <summary>Keys and values of all; null where the models run elsewhere.</summary>
    public CpuCache? Cache { get; init; }

    /// <summary>Keys and values on the disk.</summary>
    public long SwapBytes { get; init; }

    /// <summary>The models in memory.</summary>
    public IReadOnlyList<CpuListing> Models { get; init; } = [];

    /// <summary>Null where the server keeps no processes.</summary>
    public JournalExtent? Journal { get; init; }

    /// <summary>Memory of the server, models included.</summary>
    public long ServerBytes { get; init; }

    /// <summary>Cores that the server used since the look before.</summary>
    public double Cores { get; init; }

    /// <summary>Tokens a second of all, look by look, the latest last.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [];
}

/// <summary>A process, and what it does at the moment.</summary>
/// <param name="Process">As it is.</param>
/// <param name="TokensPerSecond">Tokens generated since the look before.</param>
/// <param name="Call">The tool that it waits for; null for none.</param>
public sealed record WatchedProcess(ProcessRecord Process, double TokensPerSecond, string? Call);
