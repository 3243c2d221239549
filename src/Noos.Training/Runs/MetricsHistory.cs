namespace Noos.Training.Runs;

/// <summary>All that a metrics log holds, each part in the order written.</summary>
public sealed record MetricsHistory(
    IReadOnlyList<StepMetrics> Steps, IReadOnlyList<Evaluation> Evaluations, IReadOnlyList<RunEvent> Events);
