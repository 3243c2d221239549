using System.Globalization;

namespace Noos.Training.Planning.Reports;

/// <summary>Durations, sizes and money as people read them.</summary>
static class PlanNumber
{
    public static string Duration(double seconds) => seconds switch
    {
        _ when !double.IsFinite(seconds) => "never",
        < 1 => Format(seconds * 1000, "ms"),
        < 120 => Format(seconds, "s"),
        < 2 * 3600 => Format(seconds / 60, "min"),
        < 48 * 3600 => Format(seconds / 3600, "h"),
        < 730 * 86_400.0 => Format(seconds / 86_400, "days"),
        _ => Format(seconds / 86_400 / 365.25, "years"),
    };

    public static string Money(double dollars) => dollars switch
    {
        >= 0.9995e9 => "$" + Digits(dollars / 1e9) + " billion",
        >= 0.9995e6 => "$" + Digits(dollars / 1e6) + " million",
        >= 0.9995e3 => "$" + (dollars / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        _ => "$" + dollars.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>Money in the width of a tile.</summary>
    public static string ShortMoney(double dollars) => Money(dollars)
        .Replace(" billion", "B", StringComparison.Ordinal)
        .Replace(" million", "M", StringComparison.Ordinal);

    public static string Bytes(double bytes) => bytes switch
    {
        >= 0.9995e12 => Format(bytes / 1e12, "TB"),
        >= 0.9995e9 => Format(bytes / 1e9, "GB"),
        _ => Format(bytes / 1e6, "MB"),
    };

    public static string Percent(double share, int digits = 1) =>
        (share * 100).ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + "%";

    public static string Digits(double value) => value.ToString(
        Math.Abs(value) switch { >= 99.95 => "0", >= 9.995 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);

    static string Format(double value, string unit) => Digits(value) + " " + unit;
}
