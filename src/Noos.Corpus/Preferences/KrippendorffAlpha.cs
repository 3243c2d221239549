namespace Noos.Corpus.Preferences;

/// <summary>
/// Krippendorff's alpha for categories (Krippendorff, 2004, "Content Analysis", chapter 11): 1 is full agreement, 0 what chance would give.
/// Units may have any number of values.
/// </summary>
public static class KrippendorffAlpha
{
    /// <param name="units">For each unit the categories that its raters gave; those with fewer than two say nothing.</param>
    /// <returns>Null where no unit has two values.</returns>
    public static double? Compute(IEnumerable<IReadOnlyCollection<int>> units)
    {
        ArgumentNullException.ThrowIfNull(units);
        var totals = new Dictionary<int, double>();
        var (disagreement, count) = (0.0, 0.0);
        foreach (var values in units.Where(values => values.Count > 1))
        {
            // Each ordered pair of values of a unit counts one over the number of values less one.
            var weight = 1.0 / (values.Count - 1);
            foreach (var (category, times) in values.CountBy(value => value))
            {
                totals[category] = totals.GetValueOrDefault(category) + times;
                disagreement += weight * times * (values.Count - times);
            }

            count += values.Count;
        }

        if (count == 0)
        {
            return null;
        }

        var expected = ((count * count) - totals.Values.Sum(total => total * total)) / (count * (count - 1));
        return expected == 0 ? 1 : 1 - (disagreement / count / expected);
    }
}
