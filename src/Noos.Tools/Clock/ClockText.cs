using System.Globalization;

namespace Noos.Tools.Clock;

/// <summary>How dates, times and differences are shown.</summary>
static class ClockText
{
    static readonly DateTimeFormatInfo s_names = CultureInfo.InvariantCulture.DateTimeFormat;

    public static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Weekday(DateOnly date) => s_names.GetDayName(date.DayOfWeek);

    public static string MonthName(int month) => s_names.GetMonthName(month);

    public static string Time(DateTime time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Zone(TimeZoneInfo zone) => zone.Id;

    /// <summary>2026-12-24 (Thursday); 2026-12-24 18:00 (Thursday, Europe/Berlin, UTC+01:00).</summary>
    public static string Format(Moment moment)
    {
        var day = Iso(moment.Date);
        if (!moment.HasTime)
        {
            return $"{day} ({Weekday(moment.Date)})";
        }

        var zone = moment.Zone is { } named ? $", {Where(named, moment)}" : "";
        return $"{day} {Time(moment.Local)} ({Weekday(moment.Date)}{zone})";
    }

    /// <summary>24 December 2026.</summary>
    public static string Long(DateOnly date) =>
        string.Create(CultureInfo.InvariantCulture, $"{date.Day} {MonthName(date.Month)} {date.Year}");

    /// <summary>ISO 8601: week 1 is that of the first Thursday, and weeks begin on Monday.</summary>
    public static string Week(DateOnly date)
    {
        var time = date.ToDateTime(TimeOnly.MinValue);
        return string.Create(CultureInfo.InvariantCulture, $"week {ISOWeek.GetWeekOfYear(time)} of {ISOWeek.GetYear(time)}");
    }

    public static string Count(long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count is 1 or -1 ? "" : "s")}");

    /// <summary>84 days (12 weeks; 2 months and 23 days).</summary>
    public static string Days(DateOnly from, DateOnly to)
    {
        var days = to.DayNumber - from.DayNumber;
        var (first, last) = days < 0 ? (to, from) : (from, to);
        var size = Math.Abs(days);
        var notes = new List<string>();
        if (size >= 14)
        {
            notes.Add(Join(Count(size / 7, "week"), size % 7 == 0 ? null : Count(size % 7, "day")));
        }

        if (size >= 28 && Calendar(first, last) is { } calendar)
        {
            notes.Add(calendar);
        }

        return Count(days, "day") + (notes.Count == 0 ? "" : $" ({string.Join("; ", notes)})");
    }

    /// <summary>Whole years, months and days between two days; null where there is not even a month.</summary>
    public static string? Calendar(DateOnly first, DateOnly last)
    {
        var months = ((last.Year - first.Year) * 12) + last.Month - first.Month;
        if (first.AddMonths(months) > last)
        {
            months--;
        }

        var rest = last.DayNumber - first.AddMonths(months).DayNumber;
        return months == 0 ? null : Join(
            months < 12 ? null : Count(months / 12, "year"), months % 12 == 0 ? null : Count(months % 12, "month"),
            rest == 0 ? null : Count(rest, "day"));
    }

    /// <summary>2 days, 3 hours and 30 minutes.</summary>
    public static string Duration(TimeSpan time)
    {
        var size = time.Duration();
        var text = Join(
            size.Days == 0 ? null : Count(size.Days, "day"), size.Hours == 0 ? null : Count(size.Hours, "hour"),
            size.Minutes == 0 ? null : Count(size.Minutes, "minute"), size.Seconds == 0 ? null : Count(size.Seconds, "second"));
        return text.Length == 0 ? "0 minutes" : (time < TimeSpan.Zero ? "minus " : "") + text;
    }

    static string Where(TimeZoneInfo zone, Moment moment)
    {
        var offset = moment.ToInstant(zone).Offset;
        var utc = offset == TimeSpan.Zero ? "UTC" : "UTC" + (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString(@"hh\:mm");
        return zone.Id == utc || zone.Id.StartsWith("UTC", StringComparison.Ordinal) ? utc : $"{zone.Id}, {utc}";
    }

    static string Join(params ReadOnlySpan<string?> parts)
    {
        var given = new List<string>();
        foreach (var part in parts)
        {
            if (part is not null)
            {
                given.Add(part);
            }
        }

        return given.Count < 2 ? string.Concat(given) : $"{string.Join(", ", given.SkipLast(1))} and {given[^1]}";
    }
}
