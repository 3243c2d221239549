using System.Buffers;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Noos.Core;

namespace Noos.Corpus.Documents.Readers;

/// <summary>The text of HTML by its headings, read by AngleSharp.</summary>
static class HtmlText
{
    /// <summary>Characters that are parsed; the tree takes some twenty times as many bytes.</summary>
    public const int MaxLength = 8 << 20;

    // The parser goes up through all open elements at nearly every tag: a hundred thousand of them take it hours.
    const int MaxOpenElements = 1000;

    static readonly HashSet<string> s_unclosed = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p", "li", "td",
        "th", "tr", "option", "dd", "dt", "tbody", "thead", "tfoot", "!doctype", "!--",
    };

    static readonly SearchValues<char> s_endsOfName = SearchValues.Create(" \t\r\n/>");

    static readonly HashSet<string> s_blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "header",
        "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
    };

    static readonly HashSet<string> s_leftOut = new(StringComparer.OrdinalIgnoreCase)
    {
        "head", "iframe", "noscript", "object", "script", "style", "svg", "template",
    };

    /// <summary>Adds a page to sections.</summary>
    /// <param name="html">The page.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="sections">Get its text.</param>
    /// <returns>Its title; null for none.</returns>
    /// <exception cref="NoosException">It is nested without end (Refused).</exception>
    public static string? Add(string html, string name, SectionBuilder sections)
    {
        if (CountOpenElements(html) > MaxOpenElements)
        {
            throw new NoosException(
                ErrorKind.Refused, $"'{name}' has more than {MaxOpenElements} elements within each other, which no page for people has.");
        }

        using var document = new HtmlParser().ParseDocument(html);
        var line = new StringBuilder();
        var node = (INode)document;
        // Without recursion: how deep a tree is is its author's choice.
        while (true)
        {
            Enter(node);
            if (node.FirstChild is { } child && !(node is IElement element && s_leftOut.Contains(element.LocalName)))
            {
                node = child;
                continue;
            }

            while (true)
            {
                Leave(node);
                if (node.NextSibling is { } next)
                {
                    node = next;
                    break;
                }

                if (node.Parent is not { } parent)
                {
                    EndLine();
                    return document.Title is { Length: > 0 } title ? title : null;
                }

                node = parent;
            }
        }

        void Enter(INode entered)
        {
            switch (entered)
            {
                case IText text:
                    foreach (var part in text.Data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    {
                        line.Append(line.Length > 0 ? " " : "").Append(part);
                    }

                    break;
                case IElement element when s_blocks.Contains(element.LocalName) || HeadingLevel(element) > 0:
                    if (element.LocalName is "td" or "th")
                    {
                        line.Append(line.Length > 0 ? " |" : "");
                        break;
                    }

                    EndLine();
                    line.Append(element.LocalName == "li" ? "-" : "");
                    break;
                default:
                    break;
            }
        }

        void Leave(INode left)
        {
            if (left is IElement element && HeadingLevel(element) is > 0 and var level)
            {
                sections.AddHeading(line.ToString(), level);
                line.Clear();
            }
            else if (left is IElement { LocalName: not ("td" or "th") } block && s_blocks.Contains(block.LocalName))
            {
                EndLine();
            }
        }

        void EndLine()
        {
            if (line.Length > 0)
            {
                sections.AddLine(line.ToString());
                line.Clear();
            }
        }
    }

    static int HeadingLevel(IElement element) => element.LocalName is ['h' or 'H', >= '1' and <= '6' and var digit] ? digit - '0' : 0;

    /// <summary>The largest number of elements that are open at once, about: as many as tags begin them and do not end them.</summary>
    static int CountOpenElements(string html)
    {
        var (open, max) = (0, 0);
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0 && at + 1 < html.Length;)
        {
            var rest = html.AsSpan(at + 1);
            if (rest[0] == '/')
            {
                open = Math.Max(0, open - 1);
            }
            else
            {
                var end = rest.IndexOfAny(s_endsOfName);
                var name = rest[..(end < 0 ? rest.Length : Math.Min(end, 20))];
                if (char.IsAsciiLetter(rest[0]) && !s_unclosed.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name))
                {
                    max = Math.Max(max, ++open);
                }
            }

            at = html.IndexOf('<', at + 1);
        }

        return max;
    }
}
