using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Classification;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Metadata;

/// <summary>
/// What a page says of itself: in JSON-LD, Open Graph, Dublin Core and plain meta elements, and where these are silent in its headings,
/// bylines, time elements and address. Sources are asked in the order of their trustworthiness.
/// </summary>
sealed partial class PageMetadata
{
    const int MaxLength = 300;

    static readonly string[] s_dateNames =
    [
        "itemprop:datePublished", "datePublished", "og:published_time", "date", "dc.date", "dc.date.issued", "dcterms.created", "pubdate",
        "publishdate", "publish-date", "parsely-pub-date", "sailthru.date",
    ];

    readonly Dictionary<string, string> _meta = new(StringComparer.OrdinalIgnoreCase);
    string? _titleElement;
    string? _timeElement;
    string? _authorElement;
    string? _heading;

    PageMetadata()
    {
    }

    public StructuredData Structured { get; } = new();

    public string? Title { get; private set; }

    public string? Author { get; private set; }

    public DateTimeOffset? Published { get; private set; }

    public string? Language { get; private set; }

    public string? Site { get; private set; }

    public string? Description { get; private set; }

    public Uri? Canonical { get; private set; }

    /// <summary>It says that it is one article, in Open Graph or in schema.org's words.</summary>
    public bool IsArticle { get; private set; }

    /// <summary>What relative links are relative to.</summary>
    public Uri? Base { get; private set; }

    public static PageMetadata Read(DomDocument document, PageText text, Uri? address)
    {
        var metadata = new PageMetadata();
        metadata.Walk(document);
        foreach (var block in text.Blocks)
        {
            metadata._heading ??= block.Tag == HtmlTag.H1 && block.Words < 40 ? Clean(text[block].ToString()) : null;
        }

        metadata.Conclude(document, address);
        return metadata;
    }

    void Walk(DomDocument document)
    {
        var open = new Stack<DomContainer>();
        open.Push(document);
        while (open.TryPop(out var container))
        {
            for (var i = container.Nodes.Length - 1; i >= 0; i--)
            {
                if (container.Nodes[i] is DomElement element)
                {
                    Read(element);
                    open.Push(element);
                }
            }
        }
    }

    void Read(DomElement element)
    {
        switch (element.Tag)
        {
            case HtmlTag.Meta:
                var name = element.Text("property") ?? element.Text("name") ?? element.Text("itemprop") ?? element.Text("http-equiv");
                if (name is not null && element.Text("content") is { Length: > 0 } content)
                {
                    _meta.TryAdd(name, content);
                }

                break;
            case HtmlTag.Title:
                _titleElement ??= Clean(TextOf(element));
                break;
            case HtmlTag.Link when element["rel"] is { } relation && element.Text("href") is { Length: > 0 } address:
                if (relation.Span.Equals("canonical", StringComparison.OrdinalIgnoreCase))
                {
                    _meta.TryAdd("canonical", address);
                }

                break;
            case HtmlTag.Base when element.Text("href") is { } address:
                _meta.TryAdd("base", address);
                break;
            case HtmlTag.Script when element["type"] is { } type && type.Span.Contains("ld+json", StringComparison.OrdinalIgnoreCase):
                Structured.Read(element);
                break;
            case HtmlTag.Time:
                _timeElement ??= element.Text("datetime");
                break;
        }

        if (element["itemprop"] is { } property)
        {
            switch (property.Span)
            {
                case "datePublished":
                    _meta.TryAdd("itemprop:datePublished", element.Text("datetime") ?? element.Text("content") ?? TextOf(element));
                    break;
                case "author":
                    _authorElement ??= Clean(TextOf(element));
                    break;
            }
        }

        if (element.Tag == HtmlTag.A && element["rel"] is { Span: "author" })
        {
            _authorElement ??= Clean(TextOf(element));
        }
    }

    void Conclude(DomDocument document, Uri? address)
    {
        Base = address;
        if (Meta("base") is { } given && Uri.TryCreate(address, given, out var based) && based.Scheme.StartsWith("http"))
        {
            Base = based;
        }

        Canonical = Absolute(Meta("canonical")) ?? Absolute(Meta("og:url"));
        IsArticle = Structured.Kinds.HasFlag(PageKinds.Article)
            || string.Equals(Meta("og:type"), "article", StringComparison.OrdinalIgnoreCase);
        Site = Clean(Meta("og:site_name") ?? Meta("application-name"));
        Description = Clean(Meta("og:description") ?? Meta("description") ?? Meta("twitter:description"));
        Title = FindTitle();
        Author = FindAuthor();
        Published = ParseDate(Meta("article:published_time")) ?? ParseDate(Structured.Published)
            ?? s_dateNames.Select(name => ParseDate(Meta(name))).FirstOrDefault(date => date is not null)
            ?? ParseDate(_timeElement) ?? DateInAddress(address ?? Canonical);
        Language = Tag(document.Root?.Text("lang") ?? document.Root?.Text("xml:lang") ?? Meta("content-language") ?? Meta("og:locale")
            ?? Structured.Language);
    }

    string? Meta(string name) => _meta.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    Uri? Absolute(string? link) => link is not null && Uri.TryCreate(Base, link, out var address) && address.IsAbsoluteUri
        && address.Scheme is "http" or "https" ? address : null;

    string? FindTitle()
    {
        var title = Clean(Meta("og:title") ?? Meta("twitter:title")) ?? Clean(Structured.Headline);
        if (title is null || (_heading is not null && _titleElement is not null && !Overlaps(title, _titleElement)
            && Overlaps(_heading, _titleElement)))
        {
            title = _titleElement is not null && _heading is not null && Overlaps(_heading, _titleElement) ? _heading
                : _titleElement ?? _heading;
        }

        return title is null ? null : WithoutSite(title);

        static bool Overlaps(string one, string other) => one.Contains(other, StringComparison.OrdinalIgnoreCase)
            || other.Contains(one, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>"Article | Site" and "Site - Article" without the site.</summary>
    string WithoutSite(string title)
    {
        if (_heading is { Length: > 5 } heading && heading.Length < title.Length
            && title.Contains(heading, StringComparison.OrdinalIgnoreCase))
        {
            return heading;
        }

        if (Site is { Length: > 1 } site)
        {
            foreach (var separator in (ReadOnlySpan<string>)[" | ", " - ", " – ", " — ", " :: ", " » ", " • ", " · "])
            {
                if (title.EndsWith(separator + site, StringComparison.OrdinalIgnoreCase))
                {
                    return title[..^(separator.Length + site.Length)];
                }

                if (title.StartsWith(site + separator, StringComparison.OrdinalIgnoreCase))
                {
                    return title[(separator.Length + site.Length)..];
                }
            }
        }

        var bar = title.LastIndexOfAny(['|', '–', '—', '»', '·']);
        return bar > 15 && title.Length - bar < bar && title[bar - 1] == ' ' ? title[..bar].TrimEnd() : title;
    }

    string? FindAuthor()
    {
        foreach (var candidate in (ReadOnlySpan<string?>)
            [Structured.Author, Meta("author"), Meta("article:author"), Meta("dc.creator"), Meta("parsely-author"), Meta("sailthru.author"),
                Meta("twitter:creator"), _authorElement])
        {
            var name = Clean(candidate);
            if (name is { Length: > 1 and < 120 } && !name.StartsWith("http", StringComparison.OrdinalIgnoreCase) && !name.StartsWith('@')
                && name.Any(char.IsLetter))
            {
                return ByPrefix().Replace(name, "");
            }
        }

        return null;
    }

    static DateTimeOffset? ParseDate(string? text)
    {
        // "2019-11-20T10:00:00+0000" lacks a colon; dates without a zone are taken as UTC, since nothing says where the page was written.
        if (text is null || text.Length > 60 || !DateTimeOffset.TryParse(
            text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var date))
        {
            return null;
        }

        return date.Year is > 1990 and < 2100 ? date : null;
    }

    static DateTimeOffset? DateInAddress(Uri? address)
    {
        var match = address is null ? Match.Empty : AddressDate().Match(address.AbsolutePath);
        return match.Success ? ParseDate($"{match.Groups["y"].Value}-{match.Groups["m"].Value}-{match.Groups["d"].Value}") : null;
    }

    /// <summary>A language tag: "en_US" is written "en-US".</summary>
    static string? Tag(string? language)
    {
        var tag = language?.Split(',', ';')[0].Trim().Replace('_', '-');
        return tag is { Length: >= 2 and <= 12 } && tag.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? tag : null;
    }

    static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        text = text.Contains('&') ? WebUtility.HtmlDecode(text) : text;
        text = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        return text.Length > MaxLength ? text[..MaxLength] : text;
    }

    static string TextOf(DomElement element)
    {
        var text = new System.Text.StringBuilder();
        var open = new Stack<DomNode>();
        open.Push(element);
        while (text.Length < 2 * MaxLength && open.TryPop(out var node))
        {
            if (node is DomText part)
            {
                text.Append(part.Text.Span).Append(' ');
            }
            else if (node is DomElement inner)
            {
                for (var i = inner.Nodes.Length - 1; i >= 0; i--)
                {
                    open.Push(inner.Nodes[i]);
                }
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(@"/(?<y>20\d\d)[/-](?<m>\d\d?)[/-](?<d>\d\d?)(/|-|$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressDate();

    [GeneratedRegex(@"^by:?\s+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ByPrefix();
}
