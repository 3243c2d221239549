using Noos.Core;

namespace Noos.Tools.Search;

/// <summary>The sources by name.</summary>
public static class SearchSources
{
    /// <summary>This machine: what the user has added, and the encyclopedia that comes with Noos.</summary>
    public const string Local = "local";

    public const string Wikipedia = "wikipedia";
    public const string Searxng = "searxng";
    public const string Brave = "brave";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Local, Wikipedia, Searxng, Brave];

    /// <summary>The sources that options name, in their order. Nothing is opened yet.</summary>
    /// <exception cref="NoosException">A name is unknown, or a source lacks its address or key.</exception>
    public static IReadOnlyList<ISearchSource> Create(SearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. options.Sources.Distinct(StringComparer.Ordinal).Select(name => Create(name, options))];
    }

    static ISearchSource Create(string name, SearchOptions options) => name switch
    {
        Local => new LocalIndexSource(options.IndexPath, options.Encyclopedia, options.Embeddings),
        Wikipedia => new WikipediaSource(options.WikipediaAddress, new SearchService("Wikipedia", options.Timeout, options.TimeProvider)),
        Searxng => new SearxngSource(
            options.SearxngAddress ?? throw new NoosException(
                "The source searxng needs the address of an instance; set NOOS_SEARXNG, such as http://localhost:8888."),
            new SearchService("SearXNG", options.Timeout, options.TimeProvider)),
        Brave => new BraveSource(
            options.BraveAddress,
            options.BraveKey ?? throw new NoosException("The source brave needs a key; set BRAVE_API_KEY."),
            new SearchService("Brave Search", options.Timeout, options.TimeProvider)),
        _ => throw new NoosException(
            ErrorKind.NotFound, $"There is no source '{name}' to search; the sources are {string.Join(", ", Names)}."),
    };
}
