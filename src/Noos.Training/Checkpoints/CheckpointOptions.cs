namespace Noos.Training.Checkpoints;

/// <summary>Which checkpoints to keep, and whom to tell.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Number of newest checkpoints that are kept; at least 1.</summary>
    public int KeepLast { get; init; } = 3;

    /// <summary>Every so-many-th checkpoint is kept for good; 0 keeps none.</summary>
    public int KeepEvery { get; init; } = 10;

    /// <summary>Hears one sentence about each checkpoint that is skipped or removed because it is broken or abandoned.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}
