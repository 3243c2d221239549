using System.Globalization;
using System.Text;

namespace Noos.Cli.Permissions;

/// <summary>
/// Text of a model as a person must see it before deciding: what a terminal would act on (escape sequences, returns) or hide (letters
/// without width, changes of direction) is written as its number.
/// </summary>
static class VisibleText
{
    public static string From(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var hides = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
            _ = hides && rune.Value != '\n' && rune.Value != '\t'
                ? visible.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}")
                : visible.Append(rune.ToString());
        }

        return visible.ToString();
    }
}
