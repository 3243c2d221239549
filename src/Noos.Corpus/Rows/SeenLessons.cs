using Noos.Corpus.Documents;

namespace Noos.Corpus.Rows;

/// <summary>The lessons that a run reads, and of which documents they were made.</summary>
/// <param name="rows">The lessons as rows.</param>
/// <param name="origins">The origins of its conversations, by their places among those that the rows were given.</param>
/// <param name="data">Names the lessons by content.</param>
/// <param name="toRunRow">The row of the run that a row of lessons is; grows with it.</param>
public sealed class SeenLessons(
    ConversationRows rows, IReadOnlyDictionary<int, DocumentOrigin> origins, string data, Func<long, long> toRunRow)
{
    public string Data => data;

    /// <summary>The documents of the first rows of a run, each with the first row that has a lesson of it.</summary>
    /// <param name="count">Rows of the run.</param>
    internal IEnumerable<SeenDocument> Find(long count)
    {
        // All lessons come once in an epoch, so that later ones bring none for the first time.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (long row = 0; row < rows.RowsPerEpoch && toRunRow(row) < count; row++)
        {
            foreach (var place in rows.ConversationsOf(row))
            {
                if (origins.TryGetValue(place, out var origin)
                    && DocumentId.From(origin.Source, origin.Address).ToString() is var id && seen.Add(id))
                {
                    yield return new SeenDocument(id, origin.Source, origin.Address, toRunRow(row));
                }
            }
        }
    }
}
