using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Tools;

namespace Noos.Tools.Clock;

/// <summary>
/// Cuts an expression into dates (2026-12-24, 24.12.2026), times (14:30, 2:30 pm), numbers, words and signs. Dates with slashes are read
/// with the year in front only: 03/04/2026 means one day in America and another in Europe.
/// </summary>
static partial class ClockLexer
{
    const int Timeout = 1000;

    /// <exception cref="ToolException">Something stands there that is none of these.</exception>
    public static IReadOnlyList<ClockToken> Read(string expression)
    {
        var text = expression.Replace('−', '-').Replace('–', '-').TrimEnd('?', '.', '!', ' ', '=');
        var tokens = new List<ClockToken>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] is ',' or '(' or ')')
            {
                at++;
                continue;
            }

            var (token, length) = ReadOne(text, at, tokens);
            tokens.Add(token);
            at += length;
        }

        return tokens;
    }

    static (ClockToken Token, int Length) ReadOne(string text, int at, List<ClockToken> before)
    {
        if (Date().Match(text, at) is { Success: true } date && date.Index == at)
        {
            return (new ClockToken(ClockTokenKind.Date, date.Value) { Date = ReadDate(date) }, date.Length + SkipT(text, at + date.Length));
        }

        if (AmbiguousDate().Match(text, at) is { Success: true } ambiguous && ambiguous.Index == at)
        {
            throw new ToolException($"{ambiguous.Value} can be read in two ways; write the date as year-month-day.");
        }

        if (YearMonth().Match(text, at) is { Success: true } month && month.Index == at)
        {
            return (
                new ClockToken(ClockTokenKind.Month, month.Value) { Date = Day(Int(month, "y"), Int(month, "m"), 1, month.Value) },
                month.Length);
        }

        // Right behind it: "14:30 +2 hours" is a sum.
        var isAfterTime = at > 0 && !char.IsWhiteSpace(text[at - 1])
            && before is [.., { Kind: ClockTokenKind.Time } or { Kind: ClockTokenKind.Word, Text: "utc" or "gmt" }];
        if (isAfterTime && Offset().Match(text, at) is { Success: true } offset && offset.Index == at)
        {
            return (new ClockToken(ClockTokenKind.Offset, offset.Value) { Offset = ReadOffset(offset) }, offset.Length);
        }

        if (TimeOfDay().Match(text, at) is { Success: true } time && time.Index == at)
        {
            return (new ClockToken(ClockTokenKind.Time, time.Value) { Time = ReadTime(time) }, time.Length);
        }

        if (Number().Match(text, at) is { Success: true } number && number.Index == at)
        {
            var digits = number.Groups["n"].Value;
            return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                ? (new ClockToken(ClockTokenKind.Number, digits) { Number = value }, number.Length)
                : throw new ToolException($"The number {digits} is too long.");
        }

        if (Word().Match(text, at) is { Success: true } word && word.Index == at)
        {
            return (new ClockToken(ClockTokenKind.Word, word.Value.TrimEnd('.').ToLowerInvariant()), word.Length);
        }

        return text[at] switch
        {
            '+' => (new ClockToken(ClockTokenKind.Plus, "+"), 1),
            '-' => (new ClockToken(ClockTokenKind.Minus, "-"), 1),
            var sign => throw new ToolException($"The clock cannot read \"{sign}\"; write for example: today + 3 weeks."),
        };
    }

    // 2026-12-24T18:00: the letter between.
    static int SkipT(string text, int at) =>
        at + 1 < text.Length && text[at] is 'T' or 't' && char.IsAsciiDigit(text[at + 1]) ? 1 : 0;

    static DateOnly ReadDate(Match date) => Day(Int(date, "y"), Int(date, "m"), Int(date, "d"), date.Value);

    /// <exception cref="ToolException">There is no such day.</exception>
    public static DateOnly Day(int year, int month, int day, string written)
    {
        if (year is < 1 or > 9999)
        {
            throw new ToolException($"The year of {written} must be from 1 to 9999.");
        }

        if (month is < 1 or > 12)
        {
            throw new ToolException($"There is no month {month} in {written}; write the date as year-month-day.");
        }

        var days = DateTime.DaysInMonth(year, month);
        return day >= 1 && day <= days
            ? new DateOnly(year, month, day)
            : throw new ToolException($"There is no day {day} in {ClockText.MonthName(month)} {year}, which has {days} days.");
    }

    static TimeSpan ReadTime(Match time)
    {
        var hour = Int(time, "h");
        var minute = time.Groups["m"].Success ? Int(time, "m") : 0;
        var second = time.Groups["s"].Success ? Int(time, "s") : 0;
        if (time.Groups["half"].Value is { Length: > 0 } half)
        {
            if (hour is < 1 or > 12)
            {
                throw new ToolException($"There is no time {time.Value.Trim()}; with am or pm the hour is from 1 to 12.");
            }

            hour = (hour % 12) + (half[0] is 'p' or 'P' ? 12 : 0);
        }

        return hour < 24 && minute < 60 && second < 60
            ? new TimeSpan(hour, minute, second)
            : throw new ToolException($"There is no time {time.Value.Trim()}; write it as 00:00 to 23:59.");
    }

    static TimeSpan ReadOffset(Match offset)
    {
        if (offset.Value is "Z" or "z")
        {
            return TimeSpan.Zero;
        }

        var minutes = (Int(offset, "h") * 60) + (offset.Groups["m"].Success ? Int(offset, "m") : 0);
        return minutes <= 14 * 60
            ? TimeSpan.FromMinutes(offset.Groups["sign"].Value == "-" ? -minutes : minutes)
            : throw new ToolException($"No clock differs from UTC by {offset.Value}; at most it is 14 hours.");
    }

    static int Int(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"(?<y>\d{4})[-/](?<m>\d{1,2})[-/](?<d>\d{1,2})(?!\d)|(?<d>\d{1,2})\.\s?(?<m>\d{1,2})\.\s?(?<y>\d{4})(?!\d)",
        RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Date();

    [GeneratedRegex(@"\d{1,2}/\d{1,2}/\d{2,4}|\d{1,2}-\d{1,2}-\d{4}", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex AmbiguousDate();

    [GeneratedRegex(@"(?<y>\d{4})-(?<m>\d{2})(?![\d-])", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex YearMonth();

    [GeneratedRegex(
        @"(?<h>\d{1,2}):(?<m>\d{2})(:(?<s>\d{2})(\.\d{1,9})?)?(\s?(?<half>[ap])\.?m\b\.?)?|(?<h>\d{1,2})\s?(?<half>[ap])\.?m\b\.?",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex TimeOfDay();

    [GeneratedRegex(@"[Zz]\b|(?<sign>[+-])(?<h>\d{1,2})(:?(?<m>\d{2}))?(?![\d.A-Za-z])", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Offset();

    [GeneratedRegex(@"(?<n>\d+(\.\d+)?)(st|nd|rd|th)?(?![\d])", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Number();

    [GeneratedRegex(@"[\p{L}][\p{L}'_]*([/-][\p{L}][\p{L}_]*)*\.?", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Word();
}
