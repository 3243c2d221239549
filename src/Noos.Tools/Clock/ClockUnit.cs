namespace Noos.Tools.Clock;

/// <summary>A unit of time: either steps of the calendar, or a span of the clock, or working days.</summary>
/// <param name="Name">In the singular.</param>
/// <param name="Months">Months of one.</param>
/// <param name="Days">Days of one.</param>
/// <param name="Seconds">Seconds of one; 0 for a unit of the calendar.</param>
/// <param name="IsBusiness">Days from Monday to Friday.</param>
sealed record ClockUnit(string Name, int Months = 0, int Days = 0, int Seconds = 0, bool IsBusiness = false)
{
    public static readonly ClockUnit Day = new("day", Days: 1);
    public static readonly ClockUnit BusinessDay = new("business day", IsBusiness: true);

    static readonly Dictionary<string, ClockUnit> s_names = Names();

    /// <summary>The unit of that name, in singular, plural or short; null if there is none.</summary>
    public static ClockUnit? Find(string name) => s_names.GetValueOrDefault(name);

    static Dictionary<string, ClockUnit> Names()
    {
        (ClockUnit Unit, string[] Short)[] all =
        [
            (new("decade", Months: 120), []), (new("year", Months: 12), ["yr", "yrs", "y"]), (new("quarter", Months: 3), []),
            (new("month", Months: 1), ["mo"]), (new("fortnight", Days: 14), []), (new("week", Days: 7), ["wk", "wks", "w"]), (Day, ["d"]),
            (new("hour", Seconds: 3600), ["hr", "hrs", "h"]), (new("minute", Seconds: 60), ["min", "mins", "m"]),
            (new("second", Seconds: 1), ["sec", "secs", "s"]), (new ClockUnit("weekday", IsBusiness: true), []),
            (new ClockUnit("workday", IsBusiness: true), []),
        ];
        var names = new Dictionary<string, ClockUnit>(StringComparer.Ordinal);
        foreach (var (unit, shorter) in all)
        {
            foreach (var name in shorter.Append(unit.Name).Append(unit.Name + "s"))
            {
                names[name] = unit.IsBusiness ? BusinessDay : unit;
            }
        }

        return names;
    }
}
