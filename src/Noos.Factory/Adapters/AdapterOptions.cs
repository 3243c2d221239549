using Noos.Training.Adapters;
using Noos.Training.Kernels;

namespace Noos.Factory.Adapters;

/// <summary>How an adapter is trained on conversations.</summary>
public sealed record AdapterOptions
{
    /// <summary>Rank, alpha, dropout and targets.</summary>
    public LoraOptions Lora { get; init; } = new();

    /// <summary>Passes over the conversations; <see cref="Steps"/> goes before it.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>Updates in all; null: as many as the epochs are.</summary>
    public long? Steps { get; init; }

    /// <summary>Answers of one update.</summary>
    public int RowsPerStep { get; init; } = 8;

    /// <summary>Longer answers, with all that is before them, are left out.</summary>
    public int MaxLength { get; init; } = 1024;

    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Null: the fastest of this machine.</summary>
    public Precision? Precision { get; init; }

    public int Workers { get; init; } = 2;

    public int Seed { get; init; } = 1;

    public int CheckpointEvery { get; init; } = 50;

    /// <summary>
    /// Whether activations are computed again in the backward pass; null: where they would take more memory than the base, and a gigabyte.
    /// </summary>
    public bool? Recompute { get; init; }

    /// <summary>What the adapter is called; null: as its file.</summary>
    public string? Name { get; init; }
}
