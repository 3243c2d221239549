using System.Globalization;
using System.Net;
using Noos.Corpus.Index;

namespace Noos.Tools.Search;

/// <summary>Brave Search (https://api-dashboard.search.brave.com/app/documentation/web-search): needs a key.</summary>
sealed class BraveSource(Uri address, string key, SearchService service) : ISearchSource
{
    // The API's own limits.
    const int MaxResults = 20;
    const int MaxQueryLength = 400;

    public string Name => SearchSources.Brave;

    public Uri Service { get; } = new(address.GetLeftPart(UriPartial.Authority));

    public async Task<SourceAnswer> SearchAsync(SearchQuery query, int limit, HttpClient http, CancellationToken cancellationToken)
    {
        var words = query.Text.Length <= MaxQueryLength ? query.Text : query.Keywords[..Math.Min(query.Keywords.Length, MaxQueryLength)];
        var request = new Uri(Service, string.Create(
            CultureInfo.InvariantCulture,
            $"/res/v1/web/search?q={Uri.EscapeDataString(words)}&count={Math.Min(limit, MaxResults)}&text_decorations=0"));
        using var answer = await service.GetAsync(http, request, [("X-Subscription-Token", key)], Refusal, cancellationToken);
        if (answer.RootElement.Text("type") != "search")
        {
            throw service.Garbage();
        }

        // Without results there is no "web".
        var results = (answer.RootElement.Field("web")?.List("results") ?? [])
            .Where(result => JsonFields.IsPage(result.Text("url")))
            .Select(result => new SearchResult(
                Name, JsonFields.PlainText(result.Text("title") ?? result.Text("url")), result.Text("url")!, Snippet(result))
            {
                Date = result.Date("page_age"),
            })
            .Take(limit).ToArray();
        return new SourceAnswer(results);
    }

    static string Snippet(System.Text.Json.JsonElement result) => JsonFields.PlainText(string.Join(
        ' ',
        result.List("extra_snippets").Where(extra => extra.ValueKind == System.Text.Json.JsonValueKind.String)
            .Select(extra => extra.GetString()).Prepend(result.Text("description"))));

    string? Refusal(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        or HttpStatusCode.UnprocessableEntity ? $"{service.Name} does not take the key; check BRAVE_API_KEY." : null;
}
