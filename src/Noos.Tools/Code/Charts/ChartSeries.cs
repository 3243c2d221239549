namespace Noos.Tools.Code.Charts;

/// <summary>One row of numbers of a chart.</summary>
/// <param name="Name">As the legend says it; empty for none.</param>
/// <param name="Y">The numbers; NaN leaves a gap.</param>
/// <param name="X">Where they stand; null for 1, 2, 3, or one place for each label.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> Y, IReadOnlyList<double>? X = null);
