using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>
/// What can be searched on this machine: the files and pages that the user has added, and the encyclopedia. Both are opened with the first
/// search.
/// </summary>
/// <param name="indexPath">The user's index; it need not be there. Null for none.</param>
/// <param name="encyclopedia">Null for none.</param>
/// <param name="embeddings">Ranks by meaning, too; null for words alone.</param>
sealed class LocalIndexSource(
    string? indexPath, EncyclopediaLocation? encyclopedia, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
    : ISearchSource, IDisposable
{
    readonly SemaphoreSlim _opening = new(1);
    SearchIndex? _index;
    SearchIndex? _articles;

    public string Name => SearchSources.Local;

    public Uri? Service => null;

    public async Task<SourceAnswer> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        var (indexes, fault) = await OpenAsync(cancellationToken);
        if (indexes.Count == 0)
        {
            throw new NoosException(
                ErrorKind.NotFound, fault ?? "There is nothing to search on this machine; add files with 'noos index add'.");
        }

        var search = new PassageSearch(indexes);
        var hits = embeddings is null
            ? search.Search(query.Text, limit)
            : await search.SearchAsync(query.Text, limit, embeddings, cancellationToken);
        return new SourceAnswer([.. hits.Select(hit => Result(hit.Passage))], fault);
    }

    public void Dispose()
    {
        _index?.Dispose();
        _articles?.Dispose();
        _opening.Dispose();
    }

    SearchResult Result(Passage passage) => new(Name, passage.Title, passage.Address, passage.Text)
    {
        Origin = passage.Origin,
        Date = passage.Date,
        Licence = passage.Licence,
        Capture = passage.Capture,
        Passage = passage.Number,
        Start = passage.Start,
    };

    async Task<(IReadOnlyList<SearchIndex> Indexes, string? Fault)> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var faults = new List<string>();
            try
            {
                // Looked for at every search: it may have been made meanwhile.
                _index ??= File.Exists(indexPath) ? SearchIndex.OpenRead(indexPath) : null;
            }
            catch (NoosException e)
            {
                faults.Add(e.Message);
            }

            try
            {
                _articles ??= encyclopedia is null ? null : await Encyclopedia.OpenAsync(encyclopedia, cancellationToken);
            }
            catch (NoosException e)
            {
                faults.Add(e.Message);
            }

            return ([.. new[] { _index, _articles }.OfType<SearchIndex>()], faults.Count == 0 ? null : string.Join(' ', faults));
        }
        finally
        {
            _opening.Release();
        }
    }
}
