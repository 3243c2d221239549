using System.Text.RegularExpressions;

namespace Noos.Kernel.Speech;

/// <summary>What is left of Markdown when it is read aloud: words, without marks; code is named instead of read.</summary>
public static partial class SpokenMarkdown
{
    const int Timeout = 1000;
    const RegexOptions Options = RegexOptions.ExplicitCapture;
    const RegexOptions Lines = RegexOptions.ExplicitCapture | RegexOptions.Multiline;

    public static string Strip(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            text = CodeBlock().Replace(text, "\nCode is left out.\n");
            text = Link().Replace(text, "${text}");
            text = CodeSpan().Replace(text, "${text}");
            text = Heading().Replace(text, "");
            text = Item().Replace(text, "${number} ");
            text = Quote().Replace(text, "");
            text = Rule().Replace(text, "");
            text = TableRule().Replace(text, "");

            // A row of a table is read cell by cell.
            text = TableRow().Replace(text, match => string.Join(
                ", ", match.Value.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) + ".");
            text = Emphasis().Replace(text, "${text}");
            return Tag().Replace(text, " ");
        }
        catch (RegexMatchTimeoutException)
        {
            // A text that is made to take long is read with its marks.
            return text;
        }
    }

    [GeneratedRegex(@"^[ \t]*(?<fence>```|~~~)[\s\S]*?(^[ \t]*\k<fence>[ \t]*$|\z)", Lines, Timeout)]
    private static partial Regex CodeBlock();

    // Pictures too: what they are called is all that can be said of them.
    [GeneratedRegex(@"!?\[(?<text>[^\]\n]*)\]\([^)\n]*\)", Options, Timeout)]
    private static partial Regex Link();

    [GeneratedRegex(@"`+(?<text>[^`\n]+)`+", Options, Timeout)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^[ \t]*#{1,6}[ \t]+", Lines, Timeout)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[ \t]*([-*+•]|(?<number>\d+\.))[ \t]+(\[[ xX]\][ \t]+)?", Lines, Timeout)]
    private static partial Regex Item();

    [GeneratedRegex(@"^[ \t]*(>[ \t]?)+", Lines, Timeout)]
    private static partial Regex Quote();

    [GeneratedRegex(@"^[ \t]*([-*_][ \t]*){3,}$", Lines, Timeout)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", Lines, Timeout)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"^[ \t]*\|.*\|[ \t]*$", Lines, Timeout)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"(?<mark>\*{1,3}|~~|(?<!\w)_{1,3})(?=\S)(?<text>[^*~\n]+?)(?<=\S)\k<mark>(?!\w)", Options, Timeout)]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"</?[a-zA-Z][^<>\n]{0,200}>", Options, Timeout)]
    private static partial Regex Tag();
}
