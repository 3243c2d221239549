using System.Globalization;

namespace Noos.Tools.Search;

/// <summary>Dates as results show them.</summary>
public static class ResultDate
{
    /// <summary>The day, or the year alone: a source that knows only the year gives its first moment.</summary>
    public static string Format(DateTimeOffset date) => date.UtcDateTime.ToString(
        date.UtcDateTime is { Month: 1, Day: 1, TimeOfDay.Ticks: 0 } ? "yyyy" : "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
