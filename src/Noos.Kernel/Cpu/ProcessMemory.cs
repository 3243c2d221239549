using System.Text.Json.Serialization;

namespace Noos.Kernel.Cpu;

/// <summary>The keys and values of one process.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Model">Whose they are.</param>
public sealed record ProcessMemory(long Process, string Model)
{
    /// <summary>Tokens of it that are in memory.</summary>
    public int Tokens { get; init; }

    /// <summary>Pages that hold them.</summary>
    public int Pages { get; init; }

    /// <summary>Pages of these that other processes use, too: they are in memory once.</summary>
    public int SharedPages { get; init; }

    /// <summary>Bytes of all its pages, shared ones included.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes on the disk, where it is swapped.</summary>
    public long DiskBytes { get; init; }

    /// <summary>The model runs for it.</summary>
    [JsonPropertyName("running")]
    public bool IsRunning { get; init; }
}
