namespace Noos.Tools.Browse;

/// <summary>Cuts Markdown into pages: between paragraphs where it can, else between lines, sentences, words.</summary>
static class TextPager
{
    static readonly string[] s_breaks = ["\n\n", "\n", ". ", " "];

    /// <param name="text">Markdown.</param>
    /// <param name="maxLength">Longest page in characters.</param>
    /// <returns>At least one page.</returns>
    public static IReadOnlyList<string> Cut(string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 16);
        var pages = new List<string>();
        var rest = text.AsSpan().Trim('\n');
        while (rest.Length > maxLength)
        {
            var end = FindEnd(rest[..maxLength]);
            pages.Add(rest[..end].TrimEnd().ToString());
            rest = rest[end..].TrimStart('\n');
        }

        if (rest.Length > 0 || pages.Count == 0)
        {
            pages.Add(rest.ToString());
        }

        return pages;
    }

    static int FindEnd(ReadOnlySpan<char> page)
    {
        foreach (var one in s_breaks)
        {
            // A page that is half empty only because a long paragraph follows would make many pages.
            var at = page.LastIndexOf(one);
            if (at > page.Length / 2)
            {
                return at + one.Length;
            }
        }

        return char.IsHighSurrogate(page[^1]) ? page.Length - 1 : page.Length;
    }
}
