using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;
using Noos.Core;

namespace Noos.Kernel.Timers;

/// <summary>When a timer runs: at the times of a cron line, in the time zone of the machine, or once.</summary>
/// <param name="Cron">Five fields (minute, hour, day, month, weekday) or a macro such as @daily; null for a time.</param>
/// <param name="At">The time; null for a cron line.</param>
public sealed partial record TimerSchedule(string? Cron = null, DateTimeOffset? At = null)
{
    /// <summary>Reads a cron line, or a time: in ISO 8601 (of the machine's zone where it names none), or "in 1h30m".</summary>
    /// <param name="cron">Null where a time is given.</param>
    /// <param name="at">Null where a cron line is given.</param>
    /// <param name="timeProvider">Now, and the time zone.</param>
    /// <exception cref="NoosException">Both or none are given, or it can never run (Invalid).</exception>
    public static TimerSchedule Parse(string? cron, string? at, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        if (cron is null == at is null)
        {
            throw new NoosException(
                ErrorKind.Invalid, "Say when it runs: either by a cron line such as \"0 9 * * *\", or at a time such as \"in 10m\".");
        }

        var now = timeProvider.GetUtcNow();
        var schedule = cron is not null
            ? new TimerSchedule(cron.Trim())
            : new TimerSchedule(At: ParseTime(at!.Trim(), timeProvider).ToUniversalTime());
        return schedule.At <= now
            ? throw new NoosException(ErrorKind.Invalid, $"The time \"{at}\" is over; give one that is to come.") { Parameter = "at" }
            : schedule.NextAfter(now, timeProvider.LocalTimeZone) is null
            ? throw new NoosException(ErrorKind.Invalid, $"The cron line \"{cron}\" names a time that never comes; give another.")
            {
                Parameter = "cron",
            }
            : schedule;
    }

    /// <summary>The first time behind another; null for none.</summary>
    /// <exception cref="NoosException">It is no cron line (Invalid).</exception>
    public DateTimeOffset? NextAfter(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (At is { } at)
        {
            return at > time ? at : null;
        }

        try
        {
            return CronExpression.Parse(Cron!).GetNextOccurrence(time, zone)?.ToUniversalTime();
        }
        catch (CronFormatException e)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"\"{Cron}\" is no cron line; write minute, hour, day, month and weekday, as in \"0 9 * * *\" for every day at nine.", e)
            {
                Parameter = "cron",
            };
        }
    }

    static DateTimeOffset ParseTime(string text, TimeProvider timeProvider)
    {
        var now = timeProvider.GetUtcNow();
        if (Span().Match(text) is { Success: true } span)
        {
            var seconds = Number("d") * 86_400 + Number("h") * 3600 + Number("m") * 60 + Number("s");
            if (seconds > 0 && seconds <= (DateTimeOffset.MaxValue - now).TotalSeconds - 1)
            {
                return now.AddSeconds(seconds);
            }

            double Number(string unit) =>
                double.TryParse(span.Groups[unit].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        if (text.Length >= "2026-01-01".Length && char.IsAsciiDigit(text[0])
            && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
        {
            if (time.Kind != DateTimeKind.Unspecified)
            {
                return new DateTimeOffset(time);
            }

            var zone = timeProvider.LocalTimeZone;
            // An hour that the change to summer time leaves out: an hour later it is there.
            time = zone.IsInvalidTime(time) ? time.AddHours(1) : time;
            return new DateTimeOffset(time, zone.GetUtcOffset(time));
        }

        throw new NoosException(
            ErrorKind.Invalid, $"\"{text}\" is no time; write it as 2026-12-24T18:00, or as \"in 10m\" (d, h, m and s).")
        {
            Parameter = "at",
        };
    }

    [GeneratedRegex(
        @"^in\s+(?=\d)((?<d>\d{1,6})\s*d)?\s*((?<h>\d{1,6})\s*h)?\s*((?<m>\d{1,6})\s*m)?\s*((?<s>\d{1,6})\s*s)?$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Span();
}
