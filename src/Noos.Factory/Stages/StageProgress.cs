namespace Noos.Factory.Stages;

/// <summary>How far a stage is.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="State">Whether it starts, works, or is done.</param>
public sealed record StageProgress(string Stage, StageState State)
{
    /// <summary>Work done, in <see cref="Unit"/>.</summary>
    public long Done { get; init; }

    /// <summary>All the work; null if that is not known.</summary>
    public long? Total { get; init; }

    /// <summary>What <see cref="Done"/> counts, in the plural, such as "documents"; empty when nothing is counted.</summary>
    public string Unit { get; init; } = "";

    /// <summary>More about this moment, such as the loss; may be empty.</summary>
    public string Detail { get; init; } = "";

    /// <summary>One sentence that should stay in sight, such as the result of a part; null for ordinary progress.</summary>
    public string? Note { get; init; }
}
