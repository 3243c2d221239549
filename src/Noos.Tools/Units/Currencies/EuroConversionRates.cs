namespace Noos.Tools.Units.Currencies;

/// <summary>
/// The currencies that the euro has replaced, with the units per euro that law has fixed for good: Council Regulation (EC) No 2866/98 and
/// those that followed with each country.
/// </summary>
static class EuroConversionRates
{
    // With the year from whose first day on it holds.
    static readonly Dictionary<string, (string Rate, DateOnly Since)> s_rates = new (string Currency, string Rate, int Year)[]
    {
        ("BEF", "40.3399", 1999), ("DEM", "1.95583", 1999), ("ESP", "166.386", 1999), ("FRF", "6.55957", 1999),
        ("IEP", "0.787564", 1999), ("ITL", "1936.27", 1999), ("LUF", "40.3399", 1999), ("NLG", "2.20371", 1999),
        ("ATS", "13.7603", 1999), ("PTE", "200.482", 1999), ("FIM", "5.94573", 1999), ("GRD", "340.750", 2001), ("SIT", "239.640", 2007),
        ("CYP", "0.585274", 2008), ("MTL", "0.429300", 2008), ("SKK", "30.1260", 2009), ("EEK", "15.6466", 2011),
        ("LVL", "0.702804", 2014), ("LTL", "3.45280", 2015), ("HRK", "7.53450", 2023), ("BGN", "1.95583", 2026),
    }.ToDictionary(known => known.Currency, known => (known.Rate, new DateOnly(known.Year, 1, 1)), StringComparer.Ordinal);

    public static bool Knows(string currency) => s_rates.ContainsKey(currency);

    /// <summary>Units per euro on a day; null before the currency became the euro.</summary>
    public static string? Find(string currency, DateOnly day) =>
        s_rates.TryGetValue(currency, out var found) && day >= found.Since ? found.Rate : null;
}
