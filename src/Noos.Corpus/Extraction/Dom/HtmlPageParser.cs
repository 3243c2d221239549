using AngleSharp;
using AngleSharp.Html.Construction;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens.Struct;
using AngleSharp.Text;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>
/// Text to a tree, by AngleSharp's tokenizer and tree construction (HTML standard, 13.2). Whatever comes gives a tree: elements that are
/// nested too deep are passed over, and reading ends where a page has become too large, since tree construction walks up the open elements
/// for every tag. Thread-safe.
/// </summary>
static class HtmlPageParser
{
    /// <summary>
    /// Elements within elements. Browsers stop at 512, and so does tree construction itself, but it still walks up all of them for each
    /// further tag; below its limit such tags cost nothing.
    /// </summary>
    public const int MaxDepth = 400;

    /// <summary>Elements of a page; the rest of a larger one is not read.</summary>
    public const int MaxElements = 200_000;

    // Unclosed formatting elements are opened anew in each paragraph, below the tokens that can be passed over.
    const int MaxTrueDepth = 2 * MaxDepth;

    static readonly HtmlParserOptions s_options = new()
    {
        // Then noscript is text that is not read, as in a browser.
        IsScripting = true,
        SkipComments = true,
        SkipProcessingInstructions = true,
        DisableElementPositionTracking = true,
        IsKeepingSourceReferences = false,
    };

    /// <param name="text">The page.</param>
    /// <param name="maxElements">Elements; reading ends where there are more, and <see cref="DomDocument.ElementCount"/> says so.</param>
    public static DomDocument Parse(string text, int maxElements = MaxElements)
    {
        var factory = new DomFactory();
        var context = BrowsingContext.New(
            Configuration.Default.With<IDomConstructionElementFactory<DomDocument, DomElement>>(_ => factory));
        var source = new TextSource(new ReadOnlyMemoryTextSource(text));
        try
        {
            new HtmlParser(s_options, context).ParseDocument<DomDocument, DomElement>(source, new Guard(factory, maxElements).Consume);
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or ArgumentException or IndexOutOfRangeException)
        {
            // Tree construction knows some elements by the classes of its own DOM alone, and with ours loses its way in a few broken
            // tables and templates: what stood before that is read.
        }
        finally
        {
            factory.Document?.Builder?.Dispose();
        }

        return factory.Document ?? new DomDocument(source);
    }

    /// <summary>Stands between tokens and tree.</summary>
    sealed class Guard(DomFactory factory, int maxElements)
    {
        int _depth;
        DomElement? _last;

        public TokenConsumptionResult Consume(ref StructHtmlToken token, TokenConsumer next)
        {
            if (token.Type == HtmlTokenType.StartTag && _depth >= MaxDepth)
            {
                // What is open stays open: text goes on into the element that is the deepest.
                return TokenConsumptionResult.Continue;
            }

            next(ref token);
            var document = factory.Document!;
            if (document.LastElement is { } last && last != _last)
            {
                (_last, _depth) = (last, last.Depth);
                return document.ElementCount > maxElements || _depth > MaxTrueDepth
                    ? TokenConsumptionResult.Stop
                    : TokenConsumptionResult.Continue;
            }

            if (token.Type == HtmlTokenType.EndTag)
            {
                // An estimate: tags that close nothing count, too. The next element sets it right.
                _depth--;
            }

            return TokenConsumptionResult.Continue;
        }
    }
}
