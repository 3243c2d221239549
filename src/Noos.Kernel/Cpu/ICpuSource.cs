using Noos.Core;

namespace Noos.Kernel.Cpu;

/// <summary>Where a <see cref="CpuPool"/> gets its CPUs from: a library of models, files, endpoints. Thread-safe.</summary>
public interface ICpuSource
{
    /// <summary>What can be opened.</summary>
    IReadOnlyList<CpuOffer> List();

    /// <summary>What a name means; null where it means nothing here.</summary>
    /// <exception cref="NoosException">It means several things.</exception>
    CpuOffer? Find(string name);

    /// <summary>Opens what was found, which may take seconds; the caller disposes it.</summary>
    /// <exception cref="NoosException">It cannot be opened.</exception>
    ICpu Open(CpuOffer offer);
}

/// <summary>A model that can be opened.</summary>
/// <param name="Name">What it is called while it runs.</param>
/// <param name="Bytes">Memory that its weights take, about; 0 for a model elsewhere.</param>
public sealed record CpuOffer(string Name, long Bytes = 0)
{
    /// <summary>What the source opens: a file, an address.</summary>
    public string? Location { get; init; }

    /// <summary>What it can do beyond generating text.</summary>
    public CpuFeatures Can { get; init; }

    /// <summary>A base model: it continues texts and knows no conversations.</summary>
    public bool IsBase { get; init; }

    /// <inheritdoc cref="CpuInfo.IsEncoder"/>
    public bool IsEncoder { get; init; }
}
