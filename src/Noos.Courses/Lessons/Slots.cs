using System.Text.RegularExpressions;

namespace Noos.Courses.Lessons;

/// <summary>
/// Fills templates: <c>{slot}</c> by an entry of a list, which may have slots itself, or by a drawn value: <c>{Word}</c> and <c>{word}</c>
/// are invented, <c>{Year}</c>, <c>{Number}</c>, <c>{Money}</c>, <c>{Date}</c>, <c>{Time}</c> and <c>{Code}</c> what they say.
/// </summary>
/// <param name="lists">The entries of each slot.</param>
/// <param name="draw">Chooses.</param>
public sealed partial class Slots(IReadOnlyDictionary<string, IReadOnlyList<string>> lists, Draw draw)
{
    static readonly string[] s_months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    /// <summary>Every slot is drawn anew.</summary>
    /// <exception cref="KeyNotFoundException">There is no such slot.</exception>
    public string Fill(string template) =>
        CorrectArticles(SlotPattern().Replace(template, match => Draw(match.Groups["slot"].Value)));

    /// <summary>"An" before a vowel.</summary>
    public static string CorrectArticles(string text) => ArticlePattern().Replace(text, "${article}n ");

    string Draw(string slot) => slot switch
    {
        "Word" => draw.InventedName(),
        "word" => draw.InventedWord(),
        "Year" => $"{draw.Number(1500, 2020)}",
        "Number" => Number(),
        "Money" => Money(),
        "Date" => draw.Chance(0.5)
            ? $"{draw.Index(1, 28)} {draw.Pick(s_months)}"
            : $"{draw.Pick(s_months)} {draw.Index(1, 28)}",
        "Time" => draw.Index(0, 3) switch
        {
            0 => $"{draw.Index(1, 12)} o'clock",
            1 => $"half past {NumberWords.Spell(draw.Index(1, 12))}",
            _ => $"{draw.Index(0, 23)}:{draw.Index(0, 59):00}",
        },
        "Code" => $"{(char)('A' + draw.Index(0, 25))}{(char)('A' + draw.Index(0, 25))}-{draw.Digits(draw.Index(2, 4))}",
        _ => Fill(draw.Pick(lists[slot])),
    };

    string Number()
    {
        var number = draw.Digits(draw.Index(2, 5));
        return number > 999 && draw.Chance(0.5)
            ? number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)
            : $"{number}";
    }

    string Money()
    {
        var number = draw.Digits(draw.Index(1, 4));
        return draw.Index(0, 3) switch
        {
            0 => $"${number}",
            1 => $"{number} euros",
            2 => $"${number}.{draw.Number(10, 99)}",
            _ => $"{number} dollars",
        };
    }

    [GeneratedRegex(@"\{(?<slot>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SlotPattern();

    // "a old", but not "a unicorn".
    [GeneratedRegex(@"\b(?<article>[Aa]) (?=[aeio])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ArticlePattern();
}
