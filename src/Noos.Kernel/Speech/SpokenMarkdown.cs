using System.Text.RegularExpressions;

namespace Noos.Kernel.Speech;

/// <summary>What is left of Markdown when it is read aloud: words, without marks; code is named instead of read.</summary>
public static partial class SpokenMarkdown
{
    const int Timeout = 1000;

    public static string Strip(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = CodeBlock().Replace(text, "\nCode is left out.\n");
        text = Image().Replace(text, "$1");
        text = Link().Replace(text, "$1");
        text = CodeSpan().Replace(text, "$1");
        text = Heading().Replace(text, "");
        text = Item().Replace(text, "$1 ");
        text = Quote().Replace(text, "");
        text = Rule().Replace(text, "");
        text = TableRule().Replace(text, "");

        // A row of a table is read cell by cell.
        text = TableRow().Replace(text, match => string.Join(
            ", ", match.Value.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) + ".");
        text = Emphasis().Replace(text, "$2");
        return Tag().Replace(text, " ");
    }

    [GeneratedRegex(@"^[ \t]*(```|~~~)[\s\S]*?(^[ \t]*\1[ \t]*$|\z)", RegexOptions.Multiline, Timeout)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"!\[([^\]\n]*)\]\([^)\n]*\)", RegexOptions.None, Timeout)]
    private static partial Regex Image();

    [GeneratedRegex(@"\[([^\]\n]*)\]\([^)\n]*\)", RegexOptions.None, Timeout)]
    private static partial Regex Link();

    [GeneratedRegex(@"`+([^`\n]+)`+", RegexOptions.None, Timeout)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^[ \t]*#{1,6}[ \t]+", RegexOptions.Multiline, Timeout)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[ \t]*(?:[-*+•]|(\d+\.))[ \t]+(?:\[[ xX]\][ \t]+)?", RegexOptions.Multiline, Timeout)]
    private static partial Regex Item();

    [GeneratedRegex(@"^[ \t]*(?:>[ \t]?)+", RegexOptions.Multiline, Timeout)]
    private static partial Regex Quote();

    [GeneratedRegex(@"^[ \t]*([-*_][ \t]*){3,}$", RegexOptions.Multiline, Timeout)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", RegexOptions.Multiline, Timeout)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"^[ \t]*\|.*\|[ \t]*$", RegexOptions.Multiline, Timeout)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"(\*{1,3}|~~|(?<!\w)_{1,3})(?=\S)([^*~\n]+?)(?<=\S)\1(?!\w)", RegexOptions.None, Timeout)]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"</?[a-zA-Z][^<>\n]{0,200}>", RegexOptions.None, Timeout)]
    private static partial Regex Tag();
}
