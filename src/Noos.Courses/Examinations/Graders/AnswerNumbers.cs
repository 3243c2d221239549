using System.Text.RegularExpressions;

namespace Noos.Courses.Examinations.Graders;

/// <summary>Finds numbers in text, whatever their notation: 1,781 and 1781.0 are the number 1781.</summary>
static partial class AnswerNumbers
{
    public static bool Contains(string text, string number)
    {
        var expected = Canonical(number);
        return NumberPattern().EnumerateMatches(text) is var matches && AnyEquals(matches, text, expected);
    }

    static bool AnyEquals(Regex.ValueMatchEnumerator matches, string text, string expected)
    {
        foreach (var match in matches)
        {
            if (Canonical(text.Substring(match.Index, match.Length)) == expected)
            {
                return true;
            }
        }

        return false;
    }

    static string Canonical(string number)
    {
        var digits = number.Replace(",", "").Replace('\u2212', '-');
        var isNegative = digits.StartsWith('-');
        digits = digits.TrimStart('-').TrimStart('0');
        if (digits.Contains('.'))
        {
            digits = digits.TrimEnd('0').TrimEnd('.');
        }

        if (digits.Length == 0 || digits[0] == '.')
        {
            digits = "0" + digits;
        }

        return isNegative && digits != "0" ? "-" + digits : digits;
    }

    // A minus belongs to the number only where it cannot be an operator.
    [GeneratedRegex(@"(?:(?<![\w.)])[-\u2212])?(?<![\d.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\d|\.\d|,\d{3})", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberPattern();
}
