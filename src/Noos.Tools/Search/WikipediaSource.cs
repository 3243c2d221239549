using System.Globalization;
using System.Text.Json;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>
/// Wikipedia's public API (https://www.mediawiki.org/wiki/API:Search with https://www.mediawiki.org/wiki/Extension:TextExtracts): no key.
/// A result is that part of an article's introduction that fits the question.
/// </summary>
sealed class WikipediaSource(Uri address, SearchService service) : ISearchSource
{
    const string Licence = "CC BY-SA 4.0";

    /// <summary>Characters of a passage.</summary>
    const int MaxPassageLength = 900;

    public string Name => SearchSources.Wikipedia;

    public Uri Service { get; } = new(address.GetLeftPart(UriPartial.Authority));

    public async Task<SourceAnswer> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        // Its search wants all words; the second attempt takes any.
        var results = await SearchAsync(query.Keywords, query, limit, http, cancellationToken);
        return results.Count == 0 && query.Keywords.Contains(' ')
            ? new SourceAnswer(await SearchAsync(query.Keywords.Replace(" ", " OR "), query, limit, http, cancellationToken))
            : new SourceAnswer(results);
    }

    async Task<IReadOnlyList<SearchResult>> SearchAsync(
        string words, SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        var request = new Uri(Service, string.Create(
            CultureInfo.InvariantCulture,
            $"/w/api.php?action=query&format=json&formatversion=2&generator=search&gsrlimit={limit}&gsrsearch={Uri.EscapeDataString(words)}"
            + $"&prop=extracts%7Cinfo%7Crevisions&exintro=1&explaintext=1&exlimit={limit}&inprop=url&rvprop=timestamp&maxlag=5"));
        using var answer = await service.GetAsync(http, request, [], _ => null, cancellationToken);
        var root = answer.RootElement;
        if (root.Field("error") is { } error)
        {
            throw error.Text("code") is "ratelimited" or "maxlag"
                ? new Core.NoosException(Core.ErrorKind.Busy, $"{service.Name} has been asked too often; try again later.")
                : service.Garbage();
        }

        if (root.Field("query") is not { } found)
        {
            // Without results there is no query; anything else without it is not Wikipedia.
            return root.Field("batchcomplete") is null ? throw service.Garbage() : [];
        }

        return
        [
            .. found.List("pages").OrderBy(page => page.Field("index") is { ValueKind: JsonValueKind.Number } index
                    && index.TryGetInt32(out var rank) ? rank : int.MaxValue)
                .Select(page => Read(page, query)).OfType<SearchResult>().Take(limit),
        ];
    }

    SearchResult? Read(JsonElement page, SearchQuery query)
    {
        if (page.Text("title") is not { } title || page.Text("extract") is not { } text)
        {
            return null;
        }

        var url = page.Text("fullurl") is { } given && JsonFields.IsPage(given)
            ? given
            : new Uri(Service, "/wiki/" + Uri.EscapeDataString(title.Replace(' ', '_'))).AbsoluteUri;
        var (start, length) = Excerpt.Find(text, query, MaxPassageLength);
        return new SearchResult(Name, title, url, text.Substring(start, length))
        {
            Start = start,
            Date = page.List("revisions").Select(revision => revision.Date("timestamp")).FirstOrDefault() ?? page.Date("touched"),
            Licence = Licence,
        };
    }
}
