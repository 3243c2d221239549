using Noos.Core;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>Something that can be searched: the index of this machine, an encyclopedia, a search engine. Thread-safe.</summary>
public interface ISearchSource
{
    /// <summary>As settings and options name it, such as <c>wikipedia</c>.</summary>
    string Name { get; }

    /// <summary>Scheme and host of the service that is asked over the network; null for what lies on this machine.</summary>
    Uri? Service { get; }

    /// <summary>The best results first.</summary>
    /// <param name="query">With at least one word.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="http">The way to the service.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NoosException">The source does not answer as it should; the message is one sentence.</exception>
    Task<SourceAnswer> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken);
}
