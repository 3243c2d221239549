using System.Text.Json;
using Noos.Corpus.Extraction.Classification;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Metadata;

/// <summary>What a page says of itself in JSON-LD with schema.org's words. Anything that cannot be read is passed over.</summary>
sealed class StructuredData
{
    const int MaxObjects = 2000;
    const int MaxDepth = 12;

    static readonly JsonDocumentOptions s_options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 64,
    };

    int _objects;
    int _headlineRank;

    public PageKinds Kinds { get; private set; }

    public string? Headline { get; private set; }

    public string? Author { get; private set; }

    public string? Published { get; private set; }

    public string? Language { get; private set; }

    /// <summary>The longest text that it gives as the page's content.</summary>
    public string? Body { get; private set; }

    /// <summary>The longest text that it gives as that of an article.</summary>
    public string? ArticleBody { get; private set; }

    /// <summary>Takes in the content of a script element.</summary>
    public void Read(DomElement script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var text = string.Concat(script.Nodes.ToArray().OfType<DomText>().Select(part => part.Text.ToString())).Trim();
        if (text.Length is 0 or > 2_000_000)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(text, s_options);
            Read(document.RootElement, 0);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Templates write broken JSON often enough, and half characters in it.
        }
    }

    void Read(JsonElement element, int depth)
    {
        if (depth > MaxDepth || ++_objects > MaxObjects)
        {
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Read(item, depth + 1);
                }

                break;
            case JsonValueKind.Object:
                ReadObject(element, depth);
                break;
        }
    }

    void ReadObject(JsonElement element, int depth)
    {
        var kinds = PageKinds.None;
        foreach (var type in Strings(element, "@type"))
        {
            kinds |= Kind(type);
        }

        // What is listed, sold or reviewed on a page is not the page.
        Kinds |= depth <= 3 ? kinds : PageKinds.None;
        if (kinds != PageKinds.None && depth <= 3)
        {
            var rank = (kinds & (PageKinds.Article | PageKinds.Recipe | PageKinds.Forum | PageKinds.Questions)) != PageKinds.None ? 3
                : kinds.HasFlag(PageKinds.Product) ? 2 : 1;
            if (rank > _headlineRank && (First(element, "headline") ?? First(element, "name")) is { } headline)
            {
                (Headline, _headlineRank) = (headline, rank);
            }

            Published ??= rank > 1 ? First(element, "datePublished") ?? First(element, "dateCreated") : First(element, "datePublished");
            Author ??= rank > 1 ? Name(element, "author") ?? Name(element, "creator") : null;
            Language ??= First(element, "inLanguage");
            var article = First(element, "articleBody");
            ArticleBody = article?.Length > (ArticleBody?.Length ?? 0) ? article : ArticleBody;
            foreach (var name in (ReadOnlySpan<string>)["articleBody", "text", "description"])
            {
                var body = First(element, name);
                Body = rank > 1 && body?.Length > (Body?.Length ?? 0) ? body : Body;
            }
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            {
                Read(property.Value, depth + 1);
            }
        }
    }

    static PageKinds Kind(string type) => type switch
    {
        "Article" or "NewsArticle" or "BlogPosting" or "ReportageNewsArticle" or "TechArticle" or "ScholarlyArticle" or "OpinionNewsArticle"
            or "AnalysisNewsArticle" or "LiveBlogPosting" or "Blog" or "Report" or "AdvertiserContentArticle" => PageKinds.Article,
        "Product" or "ProductGroup" or "Offer" or "SoftwareApplication" or "Vehicle" or "Course" => PageKinds.Product,
        "DiscussionForumPosting" => PageKinds.Forum,
        "QAPage" or "FAQPage" or "Question" => PageKinds.Questions,
        "ItemList" or "CollectionPage" or "SearchResultsPage" or "OfferCatalog" => PageKinds.Listing,
        "Recipe" => PageKinds.Recipe,
        "WebPage" or "AboutPage" or "ContactPage" or "ItemPage" or "Service" => PageKinds.WebPage,
        _ => PageKinds.None,
    };

    static string? Name(JsonElement element, string property)
    {
        if (!element.TryGetProperty(property, out var value))
        {
            return null;
        }

        var people = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Take(5).ToArray() : [value];
        var names = people.Select(person => person.ValueKind switch
        {
            JsonValueKind.String => person.GetString(),
            JsonValueKind.Object => First(person, "name"),
            _ => null,
        }).Where(name => !string.IsNullOrWhiteSpace(name) && !name.StartsWith("http", StringComparison.OrdinalIgnoreCase)).ToArray();
        return names.Length == 0 ? null : string.Join(", ", names);
    }

    static string? First(JsonElement element, string property) =>
        Strings(element, property).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    static IEnumerable<string> Strings(JsonElement element, string property) => !element.TryGetProperty(property, out var value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : [];
}
