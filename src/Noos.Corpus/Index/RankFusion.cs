namespace Noos.Corpus.Index;

/// <summary>
/// Reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009): one order out of several whose scores cannot be compared. Each list
/// gives an item 1 / (60 + its rank).
/// </summary>
public static class RankFusion
{
    const double Constant = 60;

    /// <summary>The items of all lists, best first; of equal ones that which came first.</summary>
    /// <param name="lists">Each with its best item first, and each item once.</param>
    public static IReadOnlyList<(T Item, double Score)> Fuse<T>(params IReadOnlyList<IReadOnlyList<T>> lists)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(lists);
        var scores = new Dictionary<T, double>();
        var order = new List<T>();
        foreach (var list in lists)
        {
            for (var rank = 0; rank < list.Count; rank++)
            {
                if (!scores.TryGetValue(list[rank], out var score))
                {
                    order.Add(list[rank]);
                }

                scores[list[rank]] = score + (1 / (Constant + rank + 1));
            }
        }

        // Stable: OrderBy keeps the order of equal ones.
        return [.. order.OrderByDescending(item => scores[item]).Select(item => (item, scores[item]))];
    }
}
