using System.Globalization;

namespace Noos.Tools.Code.Charts;

/// <summary>
/// The marks of an axis: multiples of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
/// </summary>
/// <param name="Min">The first mark.</param>
/// <param name="Max">The last mark.</param>
/// <param name="Step">From one to the next.</param>
readonly record struct AxisScale(double Min, double Max, double Step)
{
    /// <summary>Marks around a range of numbers.</summary>
    public static AxisScale Around(double min, double max, int marks)
    {
        if (!(max > min))
        {
            // One number alone, or none.
            (min, max) = double.IsFinite(min) ? (min - (Math.Abs(min) * 0.1), max + (Math.Abs(max) * 0.1)) : (0, 1);
            if (!(max > min))
            {
                (min, max) = (min - 1, max + 1);
            }
        }

        var step = Nice((max - min) / marks);
        return new AxisScale(Math.Floor(min / step) * step, Math.Ceiling(max / step) * step, step);
    }

    public IEnumerable<double> Marks
    {
        get
        {
            var count = (int)Math.Round((Max - Min) / Step);
            for (var i = 0; i <= count; i++)
            {
                yield return Min + (i * Step);
            }
        }
    }

    /// <summary>A place between 0 and 1.</summary>
    public double Place(double value) => (value - Min) / (Max - Min);

    /// <summary>A mark with as many decimals as the step needs.</summary>
    public string Format(double value)
    {
        var largest = Math.Max(Math.Abs(Min), Math.Abs(Max));
        if (largest >= 1e7 || Step < 1e-4)
        {
            return value.ToString("0.###e0", CultureInfo.InvariantCulture);
        }

        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 6);
        // A sum of steps may end as a negative zero.
        return (Math.Round(value, decimals) + 0.0).ToString($"#,0.{new string('0', decimals)}", CultureInfo.InvariantCulture);
    }

    static double Nice(double step)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch
        {
            <= 1 + 1e-9 => power,
            <= 2 + 1e-9 => 2 * power,
            <= 5 + 1e-9 => 5 * power,
            _ => 10 * power,
        };
    }
}
