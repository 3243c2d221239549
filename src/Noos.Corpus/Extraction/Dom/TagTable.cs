using System.Collections.Frozen;
using AngleSharp.Dom;

namespace Noos.Corpus.Extraction.Dom;

/// <summary>
/// Names of HTML elements, how extraction treats them, and the categories by which tree construction treats them (HTML standard, 13.2.4.2).
/// </summary>
static class TagTable
{
    const NodeFlags Closes = NodeFlags.ImplicitlyClosed | NodeFlags.ImpliedEnd;
    const NodeFlags TableScopes = NodeFlags.HtmlTableScoped | NodeFlags.HtmlTableSectionScoped;

    static readonly FrozenDictionary<string, TagInfo> s_tags = CreateTags().ToFrozenDictionary(tag => tag.Name, StringComparer.Ordinal);

    static readonly FrozenDictionary<string, TagInfo>.AlternateLookup<ReadOnlySpan<char>> s_byName =
        s_tags.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The element of a name in lower case; null for one that HTML does not know.</summary>
    public static TagInfo? Find(ReadOnlySpan<char> name) => s_byName.TryGetValue(name, out var info) ? info : null;

    /// <summary>Whether an element is laid out within a line of text.</summary>
    public static bool IsInline(HtmlTag tag) => tag is HtmlTag.A or HtmlTag.Abbr or HtmlTag.B or HtmlTag.Cite or HtmlTag.Code or HtmlTag.Del
        or HtmlTag.Em or HtmlTag.I or HtmlTag.Inline or HtmlTag.Kbd or HtmlTag.Label or HtmlTag.Q or HtmlTag.Samp or HtmlTag.Span
        or HtmlTag.Strong or HtmlTag.Sub or HtmlTag.Sup or HtmlTag.Time;

    /// <summary>Whether nothing in an element is text of the page.</summary>
    public static bool IsSkipped(HtmlTag tag) => tag is HtmlTag.Audio or HtmlTag.Canvas or HtmlTag.Embed or HtmlTag.Frame or HtmlTag.Head
        or HtmlTag.Iframe or HtmlTag.Input or HtmlTag.Link or HtmlTag.Meta or HtmlTag.Noscript or HtmlTag.Option or HtmlTag.Script
        or HtmlTag.Select or HtmlTag.Style or HtmlTag.Svg or HtmlTag.Template or HtmlTag.Textarea or HtmlTag.Title or HtmlTag.Video;

    public static bool IsHeading(HtmlTag tag) => tag is >= HtmlTag.H1 and <= HtmlTag.H6;

    static IEnumerable<TagInfo> CreateTags()
    {
        const NodeFlags special = NodeFlags.Special;
        const NodeFlags formatting = NodeFlags.HtmlFormatting;
        const NodeFlags empty = NodeFlags.Special | NodeFlags.SelfClosing;
        return
        [
            .. Tags(formatting, ("a", HtmlTag.A), ("b", HtmlTag.B), ("big", HtmlTag.Inline), ("code", HtmlTag.Code), ("em", HtmlTag.Em),
                ("font", HtmlTag.Inline), ("i", HtmlTag.I), ("nobr", HtmlTag.Inline), ("s", HtmlTag.Del), ("small", HtmlTag.Inline),
                ("strike", HtmlTag.Del), ("strong", HtmlTag.Strong), ("tt", HtmlTag.Code), ("u", HtmlTag.Inline)),
            .. Tags(NodeFlags.None, ("abbr", HtmlTag.Abbr), ("acronym", HtmlTag.Abbr), ("bdi", HtmlTag.Inline), ("bdo", HtmlTag.Inline),
                ("cite", HtmlTag.Cite), ("data", HtmlTag.Inline), ("del", HtmlTag.Del), ("dfn", HtmlTag.Inline), ("ins", HtmlTag.Inline),
                ("kbd", HtmlTag.Kbd), ("label", HtmlTag.Label), ("mark", HtmlTag.Inline), ("output", HtmlTag.Inline), ("q", HtmlTag.Q),
                ("ruby", HtmlTag.Inline), ("samp", HtmlTag.Samp), ("slot", HtmlTag.Inline), ("span", HtmlTag.Span), ("sub", HtmlTag.Sub),
                ("sup", HtmlTag.Sup), ("var", HtmlTag.Inline), ("audio", HtmlTag.Audio), ("canvas", HtmlTag.Canvas),
                ("video", HtmlTag.Video), ("map", HtmlTag.Inline), ("picture", HtmlTag.Picture), ("meter", HtmlTag.Input),
                ("progress", HtmlTag.Input), ("datalist", HtmlTag.Select), ("legend", HtmlTag.Legend), ("dialog", HtmlTag.Dialog)),
            .. Tags(special, ("address", HtmlTag.Address), ("article", HtmlTag.Article), ("aside", HtmlTag.Aside),
                ("blockquote", HtmlTag.Blockquote), ("button", HtmlTag.Button), ("center", HtmlTag.Center), ("details", HtmlTag.Details),
                ("dir", HtmlTag.Ul), ("div", HtmlTag.Div), ("dl", HtmlTag.Dl), ("fieldset", HtmlTag.Fieldset),
                ("figcaption", HtmlTag.Figcaption), ("figure", HtmlTag.Figure), ("footer", HtmlTag.Footer), ("form", HtmlTag.Form),
                ("frameset", HtmlTag.Unknown), ("h1", HtmlTag.H1), ("h2", HtmlTag.H2), ("h3", HtmlTag.H3), ("h4", HtmlTag.H4),
                ("h5", HtmlTag.H5), ("h6", HtmlTag.H6), ("head", HtmlTag.Head), ("header", HtmlTag.Header), ("hgroup", HtmlTag.Header),
                ("main", HtmlTag.Main), ("menu", HtmlTag.Menu), ("nav", HtmlTag.Nav), ("search", HtmlTag.Form),
                ("section", HtmlTag.Section), ("select", HtmlTag.Select), ("summary", HtmlTag.Summary), ("time", HtmlTag.Time),
                ("title", HtmlTag.Title), ("colgroup", HtmlTag.Unknown)),
            .. Tags(special | NodeFlags.HtmlListScoped, ("ol", HtmlTag.Ol), ("ul", HtmlTag.Ul)),
            .. Tags(special | Closes, ("dd", HtmlTag.Dd), ("dt", HtmlTag.Dt), ("li", HtmlTag.Li), ("p", HtmlTag.P)),
            .. Tags(Closes, ("rb", HtmlTag.Inline), ("rp", HtmlTag.Inline), ("rt", HtmlTag.Inline), ("rtc", HtmlTag.Inline)),
            .. Tags(Closes | NodeFlags.HtmlSelectScoped, ("optgroup", HtmlTag.Option), ("option", HtmlTag.Option)),
            .. Tags(special | NodeFlags.Scoped, ("applet", HtmlTag.Object), ("caption", HtmlTag.Caption), ("marquee", HtmlTag.Div)),
            .. Tags(NodeFlags.Scoped, ("object", HtmlTag.Object)),
            .. Tags(special | NodeFlags.ImplicitlyClosed | NodeFlags.Scoped, ("td", HtmlTag.Td), ("th", HtmlTag.Th)),
            .. Tags(special | NodeFlags.Scoped | TableScopes, ("table", HtmlTag.Table), ("template", HtmlTag.Template)),
            .. Tags(special | NodeFlags.ImplicitlyClosed | NodeFlags.Scoped | TableScopes, ("html", HtmlTag.Html)),
            .. Tags(special | NodeFlags.ImplicitlyClosed | NodeFlags.HtmlTableSectionScoped,
                ("tbody", HtmlTag.Tbody), ("tfoot", HtmlTag.Tfoot), ("thead", HtmlTag.Thead)),
            .. Tags(special | NodeFlags.ImplicitlyClosed, ("body", HtmlTag.Body), ("tr", HtmlTag.Tr)),
            .. Tags(empty, ("area", HtmlTag.Link), ("base", HtmlTag.Base), ("basefont", HtmlTag.Link), ("bgsound", HtmlTag.Link),
                ("br", HtmlTag.Br), ("col", HtmlTag.Link), ("embed", HtmlTag.Embed), ("hr", HtmlTag.Hr), ("img", HtmlTag.Img),
                ("link", HtmlTag.Link), ("meta", HtmlTag.Meta), ("param", HtmlTag.Link), ("source", HtmlTag.Link), ("track", HtmlTag.Link),
                ("wbr", HtmlTag.Inline)),
            .. Tags(NodeFlags.SelfClosing, ("frame", HtmlTag.Frame), ("input", HtmlTag.Input), ("keygen", HtmlTag.Input)),
            .. Tags(special | NodeFlags.LiteralText, ("noembed", HtmlTag.Noscript), ("noframes", HtmlTag.Noscript),
                ("noscript", HtmlTag.Noscript), ("plaintext", HtmlTag.Pre), ("script", HtmlTag.Script), ("style", HtmlTag.Style),
                ("xmp", HtmlTag.Pre)),
            .. Tags(NodeFlags.LiteralText, ("iframe", HtmlTag.Iframe)),
            .. Tags(special | NodeFlags.LineTolerance, ("listing", HtmlTag.Pre), ("pre", HtmlTag.Pre)),
            .. Tags(special | NodeFlags.LineTolerance, ("textarea", HtmlTag.Textarea)),
        ];
    }

    static IEnumerable<TagInfo> Tags(NodeFlags flags, params (string Name, HtmlTag Tag)[] tags) =>
        tags.Select(tag => new TagInfo(tag.Name, tag.Tag, flags | NodeFlags.HtmlMember));
}

/// <summary>An element of HTML.</summary>
sealed record TagInfo(string Name, HtmlTag Tag, NodeFlags Flags);
