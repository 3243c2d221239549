using System.Text;
using System.Text.RegularExpressions;
using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Documents.Readers;

/// <summary>
/// All text of HTML by its headings, frame and content alike: a file that somebody gives is read as it is. Walks the same tree as
/// <see cref="Extraction.HtmlExtractor"/>, which tells content from frame.
/// </summary>
sealed partial class HtmlText
{
    /// <summary>Characters that are parsed; the tree takes several times as many bytes.</summary>
    public const int MaxLength = 8 << 20;

    /// <summary>Elements of a page; the rest of a larger one is not read, which its text says.</summary>
    public const int MaxElements = 1_000_000;

    // Where an XML declaration or the namespace stands, if it is XHTML.
    const int HeadLength = 1000;

    readonly SectionBuilder _sections;
    readonly StringBuilder _line = new();
    bool _isSpacePending;
    int _preformatted;

    HtmlText(SectionBuilder sections) => _sections = sections;

    /// <summary>Adds a page to sections.</summary>
    /// <param name="html">The page.</param>
    /// <param name="sections">Get its text.</param>
    public static void Add(string html, SectionBuilder sections)
    {
        ArgumentNullException.ThrowIfNull(html);
        var document = HtmlPageParser.Parse(IsXhtml(html) ? EmptyElement().Replace(html, WriteEnd) : html, MaxElements);
        var text = new HtmlText(sections);
        text.Walk(document);
        text.EndLine();
        if (document.ElementCount > MaxElements)
        {
            sections.AddLine($"(The page has more than {MaxElements:N0} elements; the rest of it is not read.)");
        }
    }

    // Without recursion: how deep a tree is is its author's choice.
    void Walk(DomDocument document)
    {
        var open = new Stack<(DomContainer Container, int Next)>([(document, 0)]);
        while (open.TryPop(out var frame))
        {
            if (frame.Next == frame.Container.Length)
            {
                Leave(frame.Container);
                continue;
            }

            open.Push((frame.Container, frame.Next + 1));
            switch (frame.Container.Nodes[frame.Next])
            {
                case DomText text:
                    Append(text.Text.Span);
                    break;
                case DomElement element when !TagTable.IsSkipped(element.Tag) && element.Tag != HtmlTag.Object:
                    Enter(element);
                    open.Push((element, 0));
                    break;
            }
        }
    }

    void Enter(DomElement element)
    {
        switch (element.Tag)
        {
            case HtmlTag.Td or HtmlTag.Th:
                _line.Append(_line.Length > 0 ? " |" : "");
                _isSpacePending = _line.Length > 0;
                break;
            case HtmlTag.Li:
                EndLine();
                _line.Append('-');
                _isSpacePending = true;
                break;
            case HtmlTag.Pre:
                EndLine();
                _preformatted++;
                break;
            case var tag when IsBlock(tag):
                EndLine();
                break;
        }
    }

    void Leave(DomContainer container)
    {
        switch (container)
        {
            case DomElement { Tag: >= HtmlTag.H1 and <= HtmlTag.H6 } heading:
                _sections.AddHeading(_line.ToString(), heading.Tag - HtmlTag.H1 + 1);
                Clear();
                break;
            case DomElement { Tag: not (HtmlTag.Td or HtmlTag.Th) } block when IsBlock(block.Tag):
                EndLine();
                _preformatted -= block.Tag == HtmlTag.Pre ? 1 : 0;
                break;
        }
    }

    void Append(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (_preformatted > 0 && character is '\n' or '\r')
            {
                EndLine();
            }
            else if (_preformatted > 0)
            {
                _line.Append(character);
            }
            else if (char.IsWhiteSpace(character))
            {
                _isSpacePending = true;
            }
            else
            {
                _line.Append(_isSpacePending && _line.Length > 0 ? " " : "").Append(character);
                _isSpacePending = false;
            }
        }
    }

    void EndLine()
    {
        if (_line.Length > 0)
        {
            _sections.AddLine(_line.ToString(), keepsIndent: _preformatted > 0);
        }

        Clear();
    }

    void Clear()
    {
        _line.Clear();
        _isSpacePending = false;
    }

    static bool IsBlock(HtmlTag tag) => tag is HtmlTag.Address or HtmlTag.Article or HtmlTag.Aside or HtmlTag.Blockquote or HtmlTag.Br
        or HtmlTag.Caption or HtmlTag.Center or HtmlTag.Dd or HtmlTag.Details or HtmlTag.Dialog or HtmlTag.Div or HtmlTag.Dl or HtmlTag.Dt
        or HtmlTag.Fieldset or HtmlTag.Figcaption or HtmlTag.Figure or HtmlTag.Footer or HtmlTag.Form or HtmlTag.Header or HtmlTag.Hr
        or HtmlTag.Legend or HtmlTag.Li or HtmlTag.Main or HtmlTag.Menu or HtmlTag.Nav or HtmlTag.Ol or HtmlTag.P or HtmlTag.Pre
        or HtmlTag.Section or HtmlTag.Summary or HtmlTag.Table or HtmlTag.Td or HtmlTag.Th or HtmlTag.Tr or HtmlTag.Ul
        || TagTable.IsHeading(tag);

    /// <summary>
    /// The chapters of e-books are XML, where an element may end where it begins; in HTML an empty title would go on for ever.
    /// </summary>
    static bool IsXhtml(string html)
    {
        var head = html.AsSpan(0, Math.Min(html.Length, HeadLength));
        return head.TrimStart().StartsWith("<?xml", StringComparison.Ordinal)
            || head.Contains("www.w3.org/1999/xhtml", StringComparison.Ordinal);
    }

    static string WriteEnd(Match element) => TagTable.Find(element.Groups["name"].ValueSpan) is { } tag
        && tag.Flags.HasFlag(AngleSharp.Dom.NodeFlags.SelfClosing)
            ? element.Value
            : $"<{element.Groups["name"]}{element.Groups["rest"]}></{element.Groups["name"]}>";

    [GeneratedRegex("<(?<name>[a-z][a-z0-9]*)(?<rest>[^<>]*)/>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex EmptyElement();
}
