using Noos.Training.Runs;

namespace Noos.Factory.Policies;

/// <summary>Proxy and truth over the square root of the divergence, as Gao et al. (2022) draw them.</summary>
public static class PolicyCharts
{
    /// <summary>The charts of one training.</summary>
    public static IEnumerable<LineChart> Draw(IReadOnlyList<PolicyMeasurement> measurements) => Draw([("", measurements)]);

    /// <summary>The charts of several trainings, a line each.</summary>
    public static IEnumerable<LineChart> Draw(IReadOnlyList<(string Name, IReadOnlyList<PolicyMeasurement> Measurements)> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var last = runs.SelectMany(run => run.Measurements).Select(one => Math.Sqrt(one.Kl)).DefaultIfEmpty(1).Max();
        yield return Chart("Truth", "mean score by the labeler, over \u221aKL", one => one.Truth);
        yield return Chart("Proxy", "mean score of the reward models, over \u221aKL", one => one.Proxy ?? double.NaN);

        LineChart Chart(string title, string unit, Func<PolicyMeasurement, double> value) => new()
        {
            Title = title,
            Unit = unit,
            LastX = last,
            Series =
            [
                .. runs.Select(run => new ChartSeries(
                    run.Name, [.. run.Measurements.OrderBy(one => one.Kl).Select(one => (Math.Sqrt(one.Kl), value(one)))], Dense: false)),
            ],
        };
    }
}
