using System.Globalization;

namespace Noos.Training.Runs;

/// <summary>Numbers as people read them.</summary>
public static class ReportNumber
{
    /// <summary>Three significant digits with k, M, G or T; small ones with a power of ten.</summary>
    public static string Abbreviate(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            _ when !double.IsFinite(value) => value.ToString(CultureInfo.InvariantCulture),
            < 1e-3 => value.ToString("0.##e-0", CultureInfo.InvariantCulture),
            < 999.5 => Digits(value),
            < 999.5e3 => Digits(value / 1e3) + "k",
            < 999.5e6 => Digits(value / 1e6) + "M",
            < 999.5e9 => Digits(value / 1e9) + "G",
            _ => Digits(value / 1e12) + "T",
        };
    }

    static string Digits(double value) => Math.Abs(value) switch
    {
        >= 99.95 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 9.995 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 0.9995 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
