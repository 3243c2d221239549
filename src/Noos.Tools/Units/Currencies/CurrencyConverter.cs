using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Units.Currencies;

/// <summary>Converts money at the reference rates of a day. A rate that is not known is refused, never estimated.</summary>
/// <param name="ratesFile">Newer rates than those that came with the program; null for none.</param>
sealed partial class CurrencyConverter(string? ratesFile)
{
    const int Timeout = 1000;

    // Cents; of amounts below one so many digits that something is left.
    const int MinDecimals = 2;
    const int SmallDigits = 4;

    /// <summary>An amount of money as it was written: "$100", "100 USD", "50 euros". Null where it is none.</summary>
    public static (Number Amount, string Currency)? TryRead(string text)
    {
        text = text.Trim();
        if (SymbolFirst().Match(text) is { Success: true } first && CurrencyNames.Find(first.Groups["name"].Value) is { } currency)
        {
            text = $"{first.Groups["rest"].Value} {currency}";
        }

        try
        {
            var (amount, name) = Quantity.ReadAmount(text);
            return CurrencyNames.Find(name) is { } code ? (amount ?? Number.One, code) : null;
        }
        catch (ToolException)
        {
            return null;
        }
    }

    /// <summary>The amount in another currency, with the rate and its day.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="from">Of which currency.</param>
    /// <param name="to">Into which.</param>
    /// <param name="day">Of the rates; null for the newest that are known.</param>
    /// <exception cref="ToolException">There is no rate.</exception>
    public string Convert(Number amount, string from, string to, DateOnly? day)
    {
        var rates = ReferenceRates.Load(ratesFile);
        var wanted = day ?? rates.Newest;
        var (fromRate, fromDay) = Find(rates, from, wanted);
        var (toRate, toDay) = Find(rates, to, wanted);
        var value = amount * Parse(toRate) / Parse(fromRate);
        var used = fromDay is null || (toDay is { } other && other < fromDay) ? toDay : fromDay;
        var prices = new[] { (from, fromRate), (to, toRate) }.Where(price => price.Item1 != "EUR").Distinct()
            .Select(price => $"{price.Item2} {price.Item1}").ToArray();
        var basis = used is { } date
            ? $"ECB reference rate of {date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{(day is null ? ", the newest here" : "")}"
            : "fixed by law";
        return $"{Round(value)} {to} (rounded; {(prices.Length == 0 ? basis : $"1 EUR = {string.Join(" = ", prices)}, {basis}")})";
    }

    /// <summary>Units per euro, and the day of the rate: null for one that is fixed.</summary>
    static (string Rate, DateOnly? Day) Find(ReferenceRates rates, string currency, DateOnly day)
    {
        if (currency == "EUR")
        {
            return ("1", null);
        }

        if (EuroConversionRates.Find(currency, day) is { } known)
        {
            return (known, null);
        }

        var (rate, used) = rates.Find(currency, day);
        return (rate, used);
    }

    static Number Parse(string rate)
    {
        var point = rate.IndexOf('.');
        var decimals = point < 0 ? 0 : rate.Length - point - 1;
        return Number.From(
            BigInteger.Parse(rate.Replace(".", ""), NumberStyles.None, CultureInfo.InvariantCulture), BigInteger.Pow(10, decimals));
    }

    static string Round(Number value)
    {
        var isSmall = !value.IsZero && Number.Compare(value.Abs(), Number.One) < 0;
        var decimals = isSmall ? Math.Clamp(SmallDigits - 1 - Number.Magnitude(value), MinDecimals, 20) : MinDecimals;
        var multiple = value.RoundToMultiple(decimals);
        var digits = BigInteger.Abs(multiple).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var fraction = digits[^decimals..];
        fraction = fraction[..MinDecimals] + fraction[MinDecimals..].TrimEnd('0');
        return $"{(multiple.Sign < 0 ? "-" : "")}{digits[..^decimals]}.{fraction}";
    }

    [GeneratedRegex(@"^(?<name>(us|a|au|c|ca|hk|nz|s|r)?\$|[€£¥₹₩₺₽₪₱฿])\s*(?<rest>[\d.,(].*)$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex SymbolFirst();
}
