namespace Noos.Core.Text;

/// <summary>Which of the known names someone may have meant.</summary>
public static class NearestNames
{
    const int MaxNames = 3;

    // The distance takes time and memory by the product of the lengths; no model has a name that long.
    const int MaxLength = 200;

    /// <summary>The nearest first; none when none is near.</summary>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> known) => name.Length > MaxLength
        ? []
        :
        [
            .. known.Where(other => other.Length <= MaxLength)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(other => (Name: other, Distance: Distance(name.ToUpperInvariant(), other.ToUpperInvariant())))

                // A third of the letters may be wrong, and a short name still has room for one slip of two fingers.
                .Where(other =>
                    other.Distance <= Math.Max(2, name.Length / 3)
                        || (name.Length > 2 && other.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
                .OrderBy(other => other.Distance)
                .Take(MaxNames)
                .Select(other => other.Name),
        ];

    /// <summary>Letters to insert, delete or replace (Levenshtein 1966).</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1));
            }
        }

        return row[^1];
    }
}
