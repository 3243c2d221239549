using System.Net;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>
/// A SearXNG instance (https://docs.searxng.org/dev/search_api.html), one's own as a rule: many search engines at once, no key. It must
/// have <c>json</c> among its formats.
/// </summary>
sealed class SearxngSource(Uri address, SearchService service) : ISearchSource
{
    public string Name => SearchSources.Searxng;

    public Uri Service { get; } = new(address.GetLeftPart(UriPartial.Authority));

    public async Task<SourceAnswer> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        // An instance may live below a path.
        var folder = new Uri(address.AbsoluteUri.TrimEnd('/') + "/");
        var request = new Uri(folder, $"search?q={Uri.EscapeDataString(query.Text)}&format=json");
        using var answer = await service.GetAsync(http, request, [], Refusal, cancellationToken);
        if (answer.RootElement.Field("results") is not { ValueKind: System.Text.Json.JsonValueKind.Array })
        {
            throw service.Garbage();
        }

        var results = answer.RootElement.List("results")
            .Where(result => JsonFields.IsPage(result.Text("url")))
            .Select(result => new SearchResult(
                Name, JsonFields.PlainText(result.Text("title") ?? result.Text("url")), result.Text("url")!,
                JsonFields.PlainText(result.Text("content")))
            {
                Date = result.Date("publishedDate"),
            })
            .Take(limit).ToArray();
        return new SourceAnswer(results);
    }

    string? Refusal(HttpStatusCode status) => status == HttpStatusCode.Forbidden
        ? $"{service.Name} does not answer in JSON; add json to search.formats in its settings.yml."
        : null;
}
