namespace Noos.Training.Runs;

/// <summary>What is measured at every update.</summary>
/// <param name="Step">Number of the update.</param>
/// <param name="Tokens">Tokens trained on so far.</param>
/// <param name="Loss">Cross-entropy in nats per token.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="LearningRate">Learning rate used.</param>
/// <param name="TokensPerSecond">Speed of this update.</param>
/// <param name="Mfu">Model FLOPs utilisation: the useful share of the machine's peak, from 0 to 1.</param>
/// <param name="Time">When it was done.</param>
/// <param name="Skipped">Whether the update was left out as an outlier.</param>
public sealed record StepMetrics(
    long Step,
    long Tokens,
    double Loss,
    double GradientNorm,
    double LearningRate,
    double TokensPerSecond,
    double Mfu,
    DateTimeOffset Time,
    bool Skipped);
