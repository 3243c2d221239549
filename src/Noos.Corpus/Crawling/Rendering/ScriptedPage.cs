namespace Noos.Corpus.Crawling.Rendering;

/// <summary>
/// Tells pages that only their scripts build from those that are there already, by the bytes that came: a page is built by script where it
/// has fewer than <see cref="MinLetters"/> letters and digits of text, and at least one script that a browser runs. What stands in scripts,
/// styles, templates, the title and <c>noscript</c> (which a browser with scripts does not show) is no text. Takes time in proportion to
/// the page.
/// </summary>
static class ScriptedPage
{
    /// <summary>About three sentences: empty frames of applications have less, and pages worth reading more.</summary>
    public const int MinLetters = 200;

    static readonly string[] s_hidden = ["script", "style", "template", "title", "noscript", "textarea", "svg", "iframe"];

    /// <summary>Whether scripts build a page.</summary>
    public static bool IsBuiltByScript(ReadOnlySpan<char> html)
    {
        var hasScript = false;
        var letters = 0;
        while (!html.IsEmpty)
        {
            var open = html.IndexOf('<');
            letters += CountLetters(open < 0 ? html : html[..open]);
            if (letters >= MinLetters)
            {
                return false;
            }

            if (open < 0)
            {
                break;
            }

            html = html[open..];
            var isComment = html.StartsWith("<!--");
            var close = isComment ? html.IndexOf("-->") : html.IndexOf('>');
            if (close < 0)
            {
                break;
            }

            var tag = html[1..close];
            html = html[(close + (isComment ? 3 : 1))..];
            foreach (var name in s_hidden)
            {
                if (tag.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                    && (tag.Length == name.Length || !char.IsAsciiLetterOrDigit(tag[name.Length])))
                {
                    hasScript |= name == "script" && Runs(tag);
                    html = SkipTo(html, name);
                    break;
                }
            }
        }

        return hasScript;
    }

    /// <summary>Data blocks (JSON, templates, import maps) are in script elements, too, but nothing runs.</summary>
    static bool Runs(ReadOnlySpan<char> tag)
    {
        var type = tag.IndexOf("type", StringComparison.OrdinalIgnoreCase);
        if (type < 0)
        {
            return true;
        }

        var value = tag[type..];
        return !value.Contains("json", StringComparison.OrdinalIgnoreCase) && !value.Contains("map", StringComparison.OrdinalIgnoreCase)
            && !value.Contains("rules", StringComparison.OrdinalIgnoreCase)
            && (value.Contains("javascript", StringComparison.OrdinalIgnoreCase)
                || value.Contains("ecmascript", StringComparison.OrdinalIgnoreCase)
                || value.Contains("module", StringComparison.OrdinalIgnoreCase));
    }

    static ReadOnlySpan<char> SkipTo(ReadOnlySpan<char> html, string name)
    {
        while (true)
        {
            var close = html.IndexOf("</");
            if (close < 0)
            {
                return [];
            }

            html = html[(close + 2)..];
            if (html.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                var end = html.IndexOf('>');
                return end < 0 ? [] : html[(end + 1)..];
            }
        }
    }

    static int CountLetters(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var letter in text)
        {
            count += char.IsLetterOrDigit(letter) ? 1 : 0;
        }

        return count;
    }
}
