using System.Text.Json;
using CsCheck;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Core.Tools;
using Noos.Tools.Clock;

namespace Noos.Tools.Tests.Clock;

public sealed class ClockTests
{
    // A Monday, 16:04:05 in Berlin.
    static readonly FixedTime s_time = new();

    [Theory]
    [InlineData("today", "Monday, 30 November 2026 (2026-11-30, week 49 of 2026)")]
    [InlineData("What is the date today?", "Monday, 30 November 2026 (2026-11-30, week 49 of 2026)")]
    [InlineData("now", "2026-11-30 16:04:05 (Monday, Europe/Berlin, UTC+01:00)")]
    [InlineData("what time is it now", "2026-11-30 16:04:05 (Monday, Europe/Berlin, UTC+01:00)")]
    [InlineData("now in Tokyo", "2026-12-01 00:04:05 (Tuesday, Asia/Tokyo, UTC+09:00)")]
    [InlineData("time in New York", "2026-11-30 10:04:05 (Monday, America/New_York, UTC-05:00)")]
    [InlineData("today in Tokyo", "2026-12-01 (Tuesday)")]
    [InlineData("tomorrow", "2026-12-01 (Tuesday)")]
    [InlineData("the day after tomorrow", "2026-12-02 (Wednesday)")]
    [InlineData("today + 3 weeks", "2026-12-21 (Monday)")]
    [InlineData("today - 1 year", "2025-11-30 (Sunday)")]
    [InlineData("3 weeks after 2026-02-20", "2026-03-13 (Friday)")]
    [InlineData("90 days from now", "2027-02-28 (Sunday)")]
    [InlineData("2 hours ago", "2026-11-30 14:04:05 (Monday)")]
    [InlineData("in 90 minutes", "2026-11-30 17:34:05 (Monday)")]
    [InlineData("2026-01-31 + 1 month", "2026-02-28 (Saturday)")]
    [InlineData("2024-02-29 + 1 year", "2025-02-28 (Friday)")]
    [InlineData("2026-03-01 + 1 year, 2 months and 3 days", "2027-05-04 (Tuesday)")]
    [InlineData("2026-12-24 + 36 hours", "2026-12-25 12:00 (Friday)")]
    [InlineData("5 business days before 2026-12-01", "2026-11-24 (Tuesday)")]
    [InlineData("today + 10 business days", "2026-12-14 (Monday)")]
    [InlineData("2026-12-24 - today", "24 days (3 weeks and 3 days)")]
    [InlineData("today - 2026-12-24", "-24 days (3 weeks and 3 days)")]
    [InlineData("days until Christmas", "25 days (3 weeks and 4 days)")]
    [InlineData("How many days until 25 December 2026?", "25 days (3 weeks and 4 days)")]
    [InlineData("days since 2026-11-29", "1 day")]
    [InlineData("days between 2026-01-01 and 2026-03-25", "83 days (11 weeks and 6 days; 2 months and 24 days)")]
    [InlineData("2026-01-01 to 2026-03-25", "83 days (11 weeks and 6 days; 2 months and 24 days)")]
    [InlineData("weeks from 2026-01-01 to 2026-01-22", "3 weeks")]
    [InlineData("months from 2026-01-31 to 2026-03-01", "1 month and 1 day")]
    [InlineData("years since 1990-05-17", "36 years and 197 days")]
    [InlineData("hours from 09:00 to 17:30", "8.5 hours")]
    [InlineData("minutes between 23:50 and 00:10", "-1420 minutes")]
    [InlineData("2026-12-24 18:00 - now", "24 days, 1 hour, 55 minutes and 55 seconds")]
    [InlineData("business days from 2026-11-02 to 2026-11-30", "21 business days (Monday to Friday, both days counted)")]
    [InlineData("weekday of 2000-02-29", "Tuesday")]
    [InlineData("which day of the week is 24 December 2026", "Thursday")]
    [InlineData("weekday of July 4, 1776", "Thursday")]
    [InlineData("week of 2027-01-01", "week 53 of 2026")]
    [InlineData("iso week", "week 49 of 2026")]
    [InlineData("day of year 2024-12-31", "day 366 of 366")]
    [InlineData("leap year 2028", "2028 is a leap year (366 days)")]
    [InlineData("is 1900 a leap year?", "1900 is not a leap year (365 days)")]
    [InlineData("days in February 2028", "29 days")]
    [InlineData("days in 2026-02", "28 days")]
    [InlineData("days in 2026", "365 days")]
    [InlineData("next Friday", "2026-12-04 (Friday)")]
    [InlineData("next Monday", "2026-12-07 (Monday)")]
    [InlineData("last Friday", "2026-11-27 (Friday)")]
    [InlineData("next Friday after 2026-01-01", "2026-01-02 (Friday)")]
    [InlineData("Friday at 3 pm", "2026-12-04 15:00 (Friday)")]
    [InlineData("next month", "2026-12-30 (Wednesday)")]
    [InlineData("24.12.2026", "2026-12-24 (Thursday)")]
    [InlineData("3rd of October 1990", "1990-10-03 (Wednesday)")]
    [InlineData("Easter 2027", "2027-03-28 (Sunday)")]
    [InlineData("2026-07-01 14:30 Berlin in New York", "2026-07-01 08:30 (Wednesday, America/New_York, UTC-04:00)")]
    [InlineData("14:30 Asia/Kolkata in UTC", "2026-11-30 09:00 (Monday, UTC)")]
    [InlineData("3 pm EST in CET", "2026-11-30 21:00 (Monday, CET, UTC+01:00)")]
    [InlineData("2026-07-01T12:00Z in Los Angeles", "2026-07-01 05:00 (Wednesday, America/Los_Angeles, UTC-07:00)")]
    [InlineData("2026-07-01T12:00+05:30 in UTC", "2026-07-01 06:30 (Wednesday, UTC)")]
    [InlineData("noon UTC in UTC+2", "2026-11-30 14:00 (Monday, UTC+02:00)")]
    [InlineData("unix of 2026-07-01T12:00Z", "1782907200")]
    [InlineData("unix 1700000000", "2023-11-14 22:13:20 (Tuesday, UTC)")]
    // Clocks in Berlin go back at 03:00 on 25 October 2026: an hour comes twice.
    [InlineData("2026-10-25 01:30 Berlin + 2 hours", "2026-10-25 02:30 (Sunday, Europe/Berlin, UTC+02:00)")]
    [InlineData("2026-10-24 12:00 Berlin + 1 day", "2026-10-25 12:00 (Sunday, Europe/Berlin, UTC+01:00)")]
    [InlineData("hours from 2026-10-24 12:00 to 2026-10-25 12:00", "25 hours")]
    public void Expression_is_calculated(string expression, string expected) =>
        Assert.Equal(expected, ClockTool.Evaluate(expression, s_time));

    [Theory]
    [InlineData("2026-02-29", "There is no day 29 in February 2026, which has 28 days.")]
    [InlineData("2026-13-01", "There is no month 13 in 2026-13-01; write the date as year-month-day.")]
    [InlineData("03/04/2026", "03/04/2026 can be read in two ways; write the date as year-month-day.")]
    [InlineData("25:00", "There is no time 25:00; write it as 00:00 to 23:59.")]
    [InlineData("2026-03-29 02:30 Berlin in UTC", "02:30 does not exist on 2026-03-29 in Europe/Berlin: the clocks go forward.")]
    [InlineData("now in Atlantis",
        "The time zone \"atlantis\" is not known here; name a large city, or a zone such as Europe/Berlin or UTC+2.")]
    [InlineData("today + 9000 years", "The result lies outside the years 1 to 9999.")]
    [InlineData("today + 1.5 months", "Only whole months can be added to a date; write 1.5 months in smaller units.")]
    [InlineData("today + 99999999999999999999 days",
        "Only whole days can be added to a date; write 99999999999999999999 days in smaller units.")]
    public void Mistake_is_told(string expression, string expected) =>
        Assert.Equal(expected, Assert.Throws<ToolException>(() => ClockTool.Evaluate(expression, s_time)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("when will it rain")]
    [InlineData("today +")]
    [InlineData("today * 2")]
    [InlineData("3 weeks")]
    [InlineData("2026-12-24 2026-12-25")]
    public void What_is_no_expression_is_refused_with_examples(string expression) =>
        Assert.Contains("rite for example", Assert.Throws<ToolException>(() => ClockTool.Evaluate(expression, s_time)).Message);

    [Fact]
    public void Any_text_gives_a_result_or_a_sentence()
    {
        string[] words =
        [
            "today", "now", "in", "2026-02-28", "+", "-", "3", "weeks", "hours", "after", "of", "Berlin", "14:30", "next", "Friday", "days",
            "until", "1.5", "and", "between", "leap", "year", "9999-12-31", "UTC", "+05:30", "utc", "last", "ago", "May", "week",
        ];
        var sentence = Gen.Int[0, words.Length - 1].Select(i => words[i]).Array[0, 8].Select(picked => string.Join(' ', picked));
        Gen.OneOf(Gen.String[0, 30], sentence).Sample(text =>
        {
            try
            {
                Assert.NotEmpty(ClockTool.Evaluate(text, s_time));
            }
            catch (ToolException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }
        }, iter: 20_000);
    }

    /// <summary>Lines made with Python's datetime and zoneinfo.</summary>
    [Fact]
    public void Results_are_those_of_the_reference()
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "golden-dates.tsv")))
        {
            var cells = line.Split('\t');
            var result = ClockTool.Evaluate(cells[0], s_time);
            Assert.True(result.StartsWith(cells[1], StringComparison.Ordinal), $"{cells[0]}: {result}, not {cells[1]}");
        }
    }

    [Fact]
    public async Task Tool_reads_the_clock_of_its_context()
    {
        var tool = new ClockTool();
        var call = new ToolCallPart(ClockTool.Name, JsonElement.Parse("""{"expression":"today"}"""));

        var result = await tool.InvokeAsync(call, new ToolTestContext(new FixedTime("1999-12-31T23:30:00Z")),
            TestContext.Current.CancellationToken);

        Assert.Null(JsonSchemaValidator.FindFault(tool.Declaration.Parameters, call.Arguments));
        Assert.Equal("Saturday, 1 January 2000 (2000-01-01, week 52 of 1999)", Assert.IsType<TextPart>(Assert.Single(result.Parts)).Text);
    }
}
