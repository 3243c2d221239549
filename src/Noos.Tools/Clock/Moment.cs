using Noos.Core.Tools;

namespace Noos.Tools.Clock;

/// <summary>A day, or a time on a day, as the calendar and the clocks of a zone show it.</summary>
/// <param name="Local">What they show; midnight of a day.</param>
/// <param name="HasTime">False for a day as a whole.</param>
/// <param name="Zone">Null where none was named: then that of the user.</param>
readonly record struct Moment(DateTime Local, bool HasTime, TimeZoneInfo? Zone)
{
    public DateOnly Date => DateOnly.FromDateTime(Local);

    public static Moment Day(DateOnly date, TimeZoneInfo? zone = null) => new(date.ToDateTime(TimeOnly.MinValue), HasTime: false, zone);

    public static Moment At(DateTimeOffset time, TimeZoneInfo zone) =>
        new(TimeZoneInfo.ConvertTime(time, zone).DateTime, HasTime: true, zone);

    /// <summary>The same moment for everybody.</summary>
    /// <param name="local">The zone where none was named.</param>
    /// <exception cref="ToolException">The clocks of the zone skip this time.</exception>
    public DateTimeOffset ToInstant(TimeZoneInfo local)
    {
        var zone = Zone ?? local;
        if (zone.IsInvalidTime(Local))
        {
            throw new ToolException(
                $"{ClockText.Time(Local)} does not exist on {ClockText.Iso(Date)} in {ClockText.Zone(zone)}: the clocks go forward.");
        }

        // Where clocks go back a time comes twice; the first is meant, which has the larger difference to UTC.
        var offset = zone.IsAmbiguousTime(Local) ? zone.GetAmbiguousTimeOffsets(Local).Max() : zone.GetUtcOffset(Local);
        return new DateTimeOffset(DateTime.SpecifyKind(Local, DateTimeKind.Unspecified), offset);
    }

    /// <summary>Days, weeks, months and years go by the calendar; the day of a month that is too short becomes its last.</summary>
    public Moment AddCalendar(int years, int months, long days) =>
        this with { Local = Local.AddMonths(checked((years * 12) + months)).AddDays(days) };

    /// <summary>Hours and less go by the clock: what has passed for everybody.</summary>
    public Moment AddElapsed(TimeSpan time, TimeZoneInfo local) => Zone is null && !HasTime
        ? this with { Local = Local + time, HasTime = true }
        : At(ToInstant(local) + time, Zone ?? local) with { Zone = Zone };
}
