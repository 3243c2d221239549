namespace Noos.Training.Runs;

/// <summary>One axis of a chart: which values it shows, and where it is marked.</summary>
/// <param name="Low">The value at its beginning.</param>
/// <param name="High">The value at its end; greater.</param>
/// <param name="IsLogarithmic">Both ends are then positive.</param>
sealed record ChartAxis(double Low, double High, bool IsLogarithmic = false)
{
    // Far outside values are held near the plot, whose edge cuts them.
    const double Outside = 0.5;

    /// <summary>About so many ticks, where they are chosen.</summary>
    public int TickCount { get; init; } = 5;

    /// <summary>Where it is marked; null to choose round values.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>Writes the value of a tick.</summary>
    public Func<double, string> Format { get; init; } = ReportNumber.Abbreviate;

    /// <summary>Where a value stands, from 0 at the beginning to 1 at the end.</summary>
    public double Position(double value)
    {
        var share = IsLogarithmic
            ? Math.Log(Math.Max(value, Low / High * Low) / Low) / Math.Log(High / Low)
            : (value - Low) / (High - Low);
        return Math.Clamp(share, -Outside, 1 + Outside);
    }

    /// <summary>The values that are marked.</summary>
    public IReadOnlyList<double> FindTicks() => Ticks ?? (IsLogarithmic ? LogarithmicTicks() : LinearTicks());

    List<double> LinearTicks()
    {
        var rough = (High - Low) / TickCount;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        var ticks = new List<double>();
        for (var k = Math.Ceiling((Low / step) - 1e-9); k * step <= High + (1e-9 * step); k++)
        {
            // Not -0.
            ticks.Add(k == 0 ? 0 : k * step);
        }

        return ticks;
    }

    List<double> LogarithmicTicks()
    {
        double[] digits = High / Low > 300 ? [1] : High / Low > 12 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
        var ticks = new List<double>();
        for (var power = Math.Floor(Math.Log10(Low)); power <= Math.Ceiling(Math.Log10(High)); power++)
        {
            ticks.AddRange(digits.Select(d => d * Math.Pow(10, power)).Where(t => t >= Low && t <= High));
        }

        return ticks;
    }
}
