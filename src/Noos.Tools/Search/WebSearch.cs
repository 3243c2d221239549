using Noos.Core;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>
/// Asks all sources at once and makes one list of their results. A source that fails does not keep the others from answering.
/// </summary>
public sealed class WebSearch(IReadOnlyList<ISearchSource> sources)
{
    /// <summary>
    /// The results, each address from one source alone; those of the sources that were named first go first where ranks are equal.
    /// </summary>
    /// <param name="query">With at least one word.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="http">The way to the services.</param>
    /// <param name="cancellationToken">Stops all.</param>
    public async Task<SearchReport> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(sources.Select(source => AskAsync(source, query, limit, http, cancellationToken)));
        var results = new List<SearchResult>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var rank = 0; rank < limit; rank++)
        {
            foreach (var answer in answers.Where(answer => rank < answer.Results.Count))
            {
                var result = answer.Results[rank];
                if (!owners.TryGetValue(result.Address, out var owner))
                {
                    owners[result.Address] = owner = result.Source;
                }

                // Several passages of one document are results of their own, but not one document from two sources.
                if (owner == result.Source)
                {
                    results.Add(result);
                }
            }
        }

        return new SearchReport(
            [.. results.Take(limit)], [.. answers.Select(answer => answer.Fault).OfType<string>()],
            HasFailed: answers.All(answer => answer is { Results.Count: 0, Fault: not null }));
    }

    static async Task<SourceAnswer> AskAsync(
        ISearchSource source, SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            return await source.SearchAsync(query, limit, http, cancellationToken);
        }
        catch (NoosException e)
        {
            return new SourceAnswer([], e.Message);
        }
    }
}

/// <summary>What all sources together found.</summary>
/// <param name="Results">The best first.</param>
/// <param name="Faults">What went wrong, a sentence for each source that failed.</param>
/// <param name="HasFailed">No source could answer.</param>
public sealed record SearchReport(IReadOnlyList<SearchResult> Results, IReadOnlyList<string> Faults, bool HasFailed);
