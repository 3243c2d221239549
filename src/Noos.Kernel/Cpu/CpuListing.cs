namespace Noos.Kernel.Cpu;

/// <summary>A model that turns may ask for.</summary>
/// <param name="Info">What it is; only its name is known before it is opened.</param>
/// <param name="IsOpen">It is in memory; else it is opened when it is first asked for.</param>
public sealed record CpuListing(CpuInfo Info, bool IsOpen)
{
    /// <summary>Memory that its weights take, about; 0 where nobody knows, or for a model elsewhere.</summary>
    public long Bytes { get; init; }

    /// <summary>A base model: it continues texts and knows no conversations.</summary>
    public bool IsBase { get; init; }

    /// <summary>The model whose adapter it is, and whose weights it shares; null for a model of its own.</summary>
    public string? Parent { get; init; }

    /// <summary>Turns at work and waiting.</summary>
    public int Turns { get; init; }
}
