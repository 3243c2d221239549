using System.Globalization;

namespace Noos.Tools.Code.Course;

/// <summary>What can be computed of the numbers of a column.</summary>
/// <param name="Name">As people say it.</param>
/// <param name="Code">In Python, of a list named "values".</param>
/// <param name="Compute">The same.</param>
sealed record TableOperation(string Name, string Code, Func<IReadOnlyList<decimal>, decimal> Compute)
{
    public static IReadOnlyList<TableOperation> All { get; } =
    [
        new("average", "round(sum(values) / len(values), 2)", values => Round(values.Sum() / values.Count)),
        new("mean", "round(sum(values) / len(values), 2)", values => Round(values.Sum() / values.Count)),
        new("total", "round(sum(values), 2)", values => values.Sum()),
        new("highest", "max(values)", values => values.Max()),
        new("largest", "max(values)", values => values.Max()),
        new("lowest", "min(values)", values => values.Min()),
        new("smallest", "min(values)", values => values.Min()),
    ];

    /// <summary>As Python prints a number that was read as one with a fraction.</summary>
    public string Print(IReadOnlyList<decimal> values)
    {
        var text = Compute(values).ToString("0.##", CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
    }

    // Python rounds the nearest double, which lies on either side of a half; tables have too few digits for that to show often.
    static decimal Round(decimal number) => decimal.Round(number, 2, MidpointRounding.ToEven);
}
