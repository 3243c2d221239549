namespace Noos.Core.Text;

/// <summary>Which of the known names someone may have meant.</summary>
public static class NearestNames
{
    const int MaxNames = 3;

    // The distance takes time and memory by the product of the lengths; no model has a name that long.
    const int MaxLength = 200;

    /// <summary>The nearest first; none when none is near.</summary>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxLength)
        {
            return [];
        }

        var near = known.Where(other => other.Length <= MaxLength)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(other => (Name: other, Distance: Distance(name.ToUpperInvariant(), other.ToUpperInvariant())))

            // A third of the letters may be wrong, and a short name still has room for one slip of two fingers.
            .Where(other =>
                other.Distance <= Math.Max(2, name.Length / 3)
                    || (name.Length > 2 && other.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(other => other.Distance)
            .ToArray();

        // Beside a name that is a single slip away nobody means one that is further off.
        var hasSlip = near is [{ Distance: <= 1 }, ..];
        return [.. near.TakeWhile(other => !hasSlip || other.Distance <= 1).Take(MaxNames).Select(other => other.Name)];
    }

    /// <summary>
    /// Letters to insert, delete or replace, and neighbours to exchange, none of them twice (Damerau 1964, as optimal string alignment).
    /// </summary>
    static int Distance(string a, string b)
    {
        var (before, last, row) = (new int[b.Length + 1], new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray());
        for (var i = 1; i <= a.Length; i++)
        {
            (before, last, row) = (last, row, before);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }
        }

        return row[^1];
    }
}
