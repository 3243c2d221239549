using Noos.Corpus.Extraction.Blocks;
using Noos.Corpus.Extraction.Classification;
using Noos.Corpus.Extraction.Dom;
using Noos.Corpus.Extraction.Metadata;
using Noos.Corpus.Extraction.Rendering;

namespace Noos.Corpus.Extraction;

/// <summary>
/// HTML to readable Markdown: parsed by AngleSharp as the standard says, cut into blocks, of which a classifier keeps those that are
/// content. Articles, forums, products, listings, documentation. Whatever comes gives a page, if an empty one. Thread-safe.
/// </summary>
public static class HtmlExtractor
{
    // Fewer words than this are a shell that a script would fill, or a teaser: then the page's own description of its content is longer.
    const int FewWords = 60;

    /// <param name="content">The bytes of a page.</param>
    /// <param name="charset">The encoding that the server names; null where it names none.</param>
    /// <param name="address">Of the page, which its links are relative to; null when unknown: then relative links are dropped.</param>
    /// <param name="options">What is taken.</param>
    public static WebPage Extract(ReadOnlySpan<byte> content, string? charset, Uri? address, ExtractionOptions? options = null) =>
        Extract(EncodingSniffer.Decode(content, charset), address, options);

    /// <inheritdoc cref="Extract(ReadOnlySpan{byte}, string?, Uri?, ExtractionOptions?)"/>
    public static WebPage Extract(string html, Uri? address, ExtractionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(html);
        options ??= new ExtractionOptions();
        var document = HtmlPageParser.Parse(html.Length > options.MaxLength ? html[..options.MaxLength] : html);
        var text = BlockSegmenter.Segment(document);
        var metadata = PageMetadata.Read(document, text, address);
        var context = CreateContext(metadata, address);
        var blocks = ContentSelector.Select(text, context, BlockClassifier.Default.Classify(text, context), options.Threshold);
        var renderer = new MarkdownRenderer(text, metadata.Base, options.Links);
        var (markdown, plain) = (renderer.Render(blocks), PlainTextRenderer.Render(text, blocks));
        if (metadata.Structured.Body is { } body && CountWords(plain) < FewWords && CountWords(body) > 1.5 * CountWords(plain))
        {
            markdown = plain = WithoutTags(body);
        }

        return new WebPage
        {
            Markdown = markdown,
            Text = plain,
            Links = renderer.Links,
            Title = metadata.Title,
            Author = metadata.Author,
            Published = metadata.Published,
            Language = metadata.Language,
            Site = metadata.Site,
            Description = metadata.Description,
            Canonical = metadata.Canonical,
        };
    }

    /// <summary>The context of a page for the classifier.</summary>
    internal static PageContext CreateContext(PageMetadata metadata, Uri? address) =>
        new(address ?? metadata.Canonical, metadata.Title, metadata.Structured.Kinds)
        {
            IsArticle = metadata.IsArticle,
            ArticleBody = metadata.Structured.ArticleBody,
        };

    static int CountWords(string text) => text.AsSpan().Count(' ') + text.AsSpan().Count('\n') + 1;

    /// <summary>Descriptions may hold markup, escaped once more.</summary>
    static string WithoutTags(string body)
    {
        if (!body.Contains('<') && !body.Contains('&'))
        {
            return body.Trim();
        }

        var text = BlockSegmenter.Segment(HtmlPageParser.Parse(System.Net.WebUtility.HtmlDecode(body)));
        return PlainTextRenderer.Render(text, text.Blocks);
    }
}
