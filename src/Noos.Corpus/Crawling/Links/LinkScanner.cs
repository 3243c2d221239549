using System.Buffers;
using System.Net;

namespace Noos.Corpus.Crawling.Links;

/// <summary>
/// Finds the links of a page in its tags alone, without a tree: a tenth of the work, and nothing that a broken page can lead astray.
/// Comments, scripts and styles are passed over. Takes time in proportion to the page.
/// </summary>
static class LinkScanner
{
    static readonly SearchValues<char> s_nameEnd = SearchValues.Create(" \t\r\n\f/>");
    static readonly SearchValues<char> s_attributeEnd = SearchValues.Create(" \t\r\n\f/>=");
    static readonly SearchValues<char> s_valueEnd = SearchValues.Create(" \t\r\n\f>");

    // Elements whose content is no markup.
    static readonly string[] s_raw = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "template"];

    /// <summary>Finds what a page links to, and what it says in its meta elements.</summary>
    /// <param name="html">The page.</param>
    /// <param name="maxLinks">The rest is left out.</param>
    public static PageLinks Scan(ReadOnlySpan<char> html, int maxLinks = 10_000)
    {
        var links = new PageLinks();
        while (true)
        {
            var open = html.IndexOf('<');
            if (open < 0 || open + 1 >= html.Length)
            {
                return links;
            }

            html = html[(open + 1)..];
            if (html[0] == '!' || html[0] == '?')
            {
                var isComment = html.StartsWith("!--");
                var close = isComment ? html[1..].IndexOf("-->") : html.IndexOf('>');
                if (close < 0)
                {
                    return links;
                }

                html = html[(close + (isComment ? 4 : 1))..];
                continue;
            }

            if (!char.IsAsciiLetter(html[0]))
            {
                continue;
            }

            var end = html.IndexOfAny(s_nameEnd);
            if (end < 0)
            {
                return links;
            }

            var name = html[..end];
            html = html[end..];
            var tag = new Tag();
            html = tag.ReadAttributes(html);
            Add(links, name, tag, maxLinks);
            foreach (var raw in s_raw)
            {
                if (name.Equals(raw, StringComparison.OrdinalIgnoreCase))
                {
                    html = SkipRaw(html, raw);
                    break;
                }
            }
        }
    }

    static ReadOnlySpan<char> SkipRaw(ReadOnlySpan<char> html, string name)
    {
        for (var at = 0; ;)
        {
            var close = html[at..].IndexOf("</");
            if (close < 0)
            {
                return [];
            }

            at += close + 2;
            if (html[at..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return html[(at + name.Length)..];
            }
        }
    }

    static void Add(PageLinks links, ReadOnlySpan<char> name, in Tag tag, int maxLinks)
    {
        if (Is(name, "a") || Is(name, "area"))
        {
            if (tag.Href is { } href && links.Links.Count < maxLinks && !HasWord(tag.Rel, "nofollow"))
            {
                links.Links.Add(href);
            }
        }
        else if ((Is(name, "frame") || Is(name, "iframe")) && tag.Src is { } source && links.Links.Count < maxLinks)
        {
            links.Links.Add(source);
        }
        else if (Is(name, "base"))
        {
            links.Base ??= tag.Href;
        }
        else if (Is(name, "link") && tag.Href is { } target)
        {
            if (HasWord(tag.Rel, "canonical") || HasWord(tag.Rel, "next") || HasWord(tag.Rel, "prev")
                || (HasWord(tag.Rel, "alternate") && tag.Type is null or "text/html" && !HasWord(tag.Rel, "stylesheet")))
            {
                links.Links.Add(target);
            }
        }
        else if (Is(name, "meta") && tag.Content is { } content)
        {
            if (tag.Name is { } meta)
            {
                links.Metas.Add((meta, content));
            }
            else if (tag.HttpEquiv is { } header)
            {
                AddHeader(links, header, content);
            }
        }
    }

    static void AddHeader(PageLinks links, string header, string content)
    {
        if (!header.Equals("refresh", StringComparison.OrdinalIgnoreCase))
        {
            links.Metas.Add((header, content));
        }
        else if (content.IndexOf("url", StringComparison.OrdinalIgnoreCase) is >= 0 and var at
            && content.AsSpan(at + 3).TrimStart() is ['=', .. var rest])
        {
            links.Links.Add(rest.Trim().Trim("'\"").ToString());
        }
    }

    static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    static bool HasWord(string? words, string word) =>
        words is not null && words.Split(' ').Any(one => one.Equals(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The attributes of a tag that say where it leads.</summary>
    struct Tag
    {
        public string? Href { get; private set; }

        public string? Src { get; private set; }

        public string? Rel { get; private set; }

        public string? Name { get; private set; }

        public string? HttpEquiv { get; private set; }

        public string? Content { get; private set; }

        public string? Type { get; private set; }

        /// <returns>What follows the tag.</returns>
        public ReadOnlySpan<char> ReadAttributes(ReadOnlySpan<char> html)
        {
            while (true)
            {
                html = html.TrimStart(" \t\r\n\f/");
                if (html.Length == 0 || html[0] == '>')
                {
                    return html.Length == 0 ? html : html[1..];
                }

                // An equals sign at its beginning is part of a name.
                var end = html[1..].IndexOfAny(s_attributeEnd);
                if (end < 0)
                {
                    return [];
                }

                var name = html[..(end + 1)];
                html = html[(end + 1)..].TrimStart(" \t\r\n\f");
                if (html.Length == 0 || html[0] != '=')
                {
                    continue;
                }

                html = html[1..].TrimStart(" \t\r\n\f");
                if (html.Length == 0)
                {
                    return html;
                }

                ReadOnlySpan<char> value;
                if (html[0] is '"' or '\'')
                {
                    var close = html[1..].IndexOf(html[0]);
                    if (close < 0)
                    {
                        return [];
                    }

                    value = html.Slice(1, close);
                    html = html[(close + 2)..];
                }
                else
                {
                    var close = html.IndexOfAny(s_valueEnd);
                    value = close < 0 ? html : html[..close];
                    html = html[value.Length..];
                }

                Set(name, value);
            }
        }

        void Set(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
        {
            switch (name.Length)
            {
                case 3 when Is(name, "src"):
                    Src ??= Decode(value);
                    break;
                case 3 when Is(name, "rel"):
                    Rel ??= Decode(value);
                    break;
                case 4 when Is(name, "href"):
                    Href ??= Decode(value);
                    break;
                case 4 when Is(name, "name"):
                    Name ??= Decode(value);
                    break;
                case 4 when Is(name, "type"):
                    Type ??= Decode(value);
                    break;
                case 7 when Is(name, "content"):
                    Content ??= Decode(value);
                    break;
                case 10 when Is(name, "http-equiv"):
                    HttpEquiv ??= Decode(value);
                    break;
            }
        }

        static string Decode(ReadOnlySpan<char> value) =>
            value.Contains('&') ? WebUtility.HtmlDecode(value.ToString()) : value.ToString();
    }
}
