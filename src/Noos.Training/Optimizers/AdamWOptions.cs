namespace Noos.Training.Optimizers;

/// <summary>AdamW; Loshchilov and Hutter, 2019.</summary>
public sealed record AdamWOptions
{
    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    public double Beta1 { get; init; } = 0.9;

    /// <summary>
    /// At batches of a few thousand tokens the half-life of the second moment has to be kept in tokens, so this is nearer to 1 than the
    /// 0.95 of large batches (Marek et al., 2025, arXiv 2507.07101).
    /// </summary>
    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Applied to the matrices of the blocks alone.</summary>
    public double WeightDecay { get; init; } = 0.1;
}
