using System.Text.RegularExpressions;
using Noos.Corpus.Index;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// Mends what the removal of templates left in Wikipedia's text: glued ranges ("17321799", "1732December 14, 1799"), empty brackets,
/// spaces before marks, and sentences whose measure is gone ("It is long with a wingspan.").
/// </summary>
static partial class GapRepair
{
    const int Timeout = 10_000;

    const string Months = "January|February|March|April|May|June|July|August|September|October|November|December";

    public static string Mend(string paragraph)
    {
        var text = GluedYears().Replace(paragraph, match =>
            string.CompareOrdinal(match.Groups["from"].Value, match.Groups["to"].Value) <= 0
                ? $"{match.Groups["from"].Value}\u2013{match.Groups["to"].Value}"
                : match.Value);
        text = GluedDates().Replace(text, "${from} \u2013 ${to}");
        text = GluedDays().Replace(text, "${day} ${month}");
        text = GluedMonths().Replace(text, "${month} ${day}");
        text = DropBroken(text);
        text = OnlyDeath().Replace(text, "died ${date}");
        text = EmptyBrackets().Replace(text, "");
        text = OpeningMarks().Replace(text, "(");
        text = ClosingMarks().Replace(text, ")");
        text = SpaceBeforeMark().Replace(text, "${mark}");
        return Spaces().Replace(text, " ").Trim();
    }

    /// <summary>Leaves out sentences that have lost a number, but never the first.</summary>
    static string DropBroken(string text)
    {
        if (!LostMeasure().IsMatch(text))
        {
            return text;
        }

        var sentences = PassageSplitter.Sentences(text, 0, text.Length).Select(place => text[place.Start..place.End]).ToArray();
        return string.Concat(sentences.Where((sentence, index) => index == 0 || !LostMeasure().IsMatch(sentence)));
    }

    [GeneratedRegex(@"(?<![\d.,])(?<from>1\d{3}|20[012]\d)(?<to>1\d{3}|20[012]\d)(?![\d.,]\d|\d)",
        RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex GluedYears();

    [GeneratedRegex($@"(?<from>\b\d{{3,4}})(?<to>(\d{{1,2}} )?({Months})\b)", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex GluedDates();

    [GeneratedRegex($@"(?<day>\b\d{{1,2}})(?<month>({Months})\b)", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex GluedDays();

    [GeneratedRegex($@"(?<month>\b({Months}))(?<day>\d{{1,2}}\b)", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex GluedMonths();

    [GeneratedRegex(
        @"\b(at|of|than|about|approximately|around|by|from|nearly|over|reaching|weighing|measuring|averaging) +[.,;]"
        + @"|\b(than|approximately|up to|at)[.;](?!\w)"
        + @"|\b(is|are|was|were|be) (long|tall|high|wide|deep|thick|in length|in height|in diameter)\b"
        + @"|\b(less|more) than (across|long|tall|high|wide|deep|from|in|of)\b",
        RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex LostMeasure();

    [GeneratedRegex(@"(?<=[(;] ?)[–-] (?=\d)(?<date>(\d{1,2} )?[A-Z]?[a-z]* ?\d{3,4})", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex OnlyDeath();

    [GeneratedRegex(@" ?\([\s,;:]*\)", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex EmptyBrackets();

    [GeneratedRegex(@"\([\s,;:]+", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex OpeningMarks();

    [GeneratedRegex(@"[\s,;:]+\)", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex ClosingMarks();

    [GeneratedRegex(@" +(?<mark>[.,;](?!\w))", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex SpaceBeforeMark();

    [GeneratedRegex(@" {2,}", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Spaces();
}
