using System.Globalization;

namespace Noos.Training.Planning.Models;

/// <summary>Numbers as people write them in this field: 15.6T tokens, 405B parameters, 16K GPUs, powers of a thousand.</summary>
public static class SuffixedNumber
{
    static readonly (char Suffix, double Factor)[] s_suffixes = [('T', 1e12), ('B', 1e9), ('G', 1e9), ('M', 1e6), ('K', 1e3)];

    /// <summary>Reads 15.6T, 405B, 2M, 1e9 or 16384; false for anything else.</summary>
    public static bool TryParse(string text, out double value)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        var factor = 1.0;
        foreach (var (suffix, times) in s_suffixes)
        {
            if (text.Length > 1 && char.ToUpperInvariant(text[^1]) == suffix)
            {
                (text, factor) = (text[..^1], times);
                break;
            }
        }

        var isNumber = double.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowThousands, CultureInfo.InvariantCulture,
            out value);
        value *= factor;
        return isNumber && double.IsFinite(value);
    }

    /// <summary>Three digits and a suffix.</summary>
    public static string Format(double value)
    {
        foreach (var (suffix, factor) in s_suffixes)
        {
            // 999.6 of the smaller unit is one of the larger.
            if (value >= 0.9995 * factor && suffix != 'G')
            {
                return Digits(value / factor) + suffix;
            }
        }

        return Digits(value);
    }

    static string Digits(double value) => value.ToString(
        value switch { >= 99.95 => "0", >= 9.995 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);
}
