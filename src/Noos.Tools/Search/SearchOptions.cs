using System.Globalization;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>Where a search looks, and how much it returns.</summary>
public sealed record SearchOptions
{
    /// <summary>The sources that are asked, by name; see <see cref="SearchSources"/>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [SearchSources.Local, SearchSources.Wikipedia];

    /// <summary>The index of what the user has added; it need not be there.</summary>
    public string? IndexPath { get; init; }

    /// <summary>Where the encyclopedia that comes with Noos lies, and where it is unpacked; null for none.</summary>
    public EncyclopediaLocation? Encyclopedia { get; init; }

    /// <summary>Wikipedia, in the language that is to be asked.</summary>
    public Uri WikipediaAddress { get; init; } = new("https://en.wikipedia.org");

    /// <summary>A SearXNG instance that answers in JSON; null for none.</summary>
    public Uri? SearxngAddress { get; init; }

    /// <summary>Hosts of the sources that an administrator has chosen and that need not be public, as <c>host:port</c>.</summary>
    public IReadOnlyList<string> PrivateHosts => SearxngAddress is null
        ? []
        : [string.Create(CultureInfo.InvariantCulture, $"{SearxngAddress.IdnHost}:{SearxngAddress.Port}")];

    /// <summary>The API of Brave Search.</summary>
    public Uri BraveAddress { get; init; } = new("https://api.search.brave.com");

    /// <summary>The key of Brave Search; null for none.</summary>
    public string? BraveKey { get; init; }

    /// <summary>How long a source may take over the network. The others do not wait for it longer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How many results a model gets to read.</summary>
    public int MaxResults { get; init; } = 4;

    /// <summary>Characters of a result's text that a model gets to read: of a longer passage the sentences that fit the question.</summary>
    public int MaxTextLength { get; init; } = 500;

    /// <summary>
    /// Ranks passages of this machine by meaning, too, where they have vectors of its model; null for words alone. Not owned.
    /// </summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; init; }

    /// <summary>The clock of <see cref="Timeout"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// As the user has set it: the sources that NOOS_SEARCH names; without it this machine, and of the web whatever has an address or a
    /// key, else Wikipedia.
    /// </summary>
    /// <exception cref="NoosException">A setting is no address.</exception>
    public static SearchOptions From(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var options = new SearchOptions
        {
            IndexPath = Path.Combine(settings.UserData.Folder, SearchIndex.FileName),
            Encyclopedia = EncyclopediaLocation.From(settings),
            SearxngAddress = settings.SearxngAddress is { } address ? Page(address) : null,
            BraveKey = settings.BraveKey,
        };
        return options with
        {
            Sources = settings.SearchSources?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                ?? Usual(options),
        };
    }

    static string[] Usual(SearchOptions options) =>
    [
        SearchSources.Local,
        .. options.SearxngAddress is null ? [] : (string[])[SearchSources.Searxng],
        .. options.BraveKey is null ? [] : (string[])[SearchSources.Brave],
        .. options.SearxngAddress is null && options.BraveKey is null ? (string[])[SearchSources.Wikipedia] : [],
    ];

    static Uri Page(string address) => Uri.TryCreate(address, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        ? page
        : throw new NoosException(
            $"'{address}' is not the address of a SearXNG instance; set NOOS_SEARXNG, such as http://localhost:8888.");
}
