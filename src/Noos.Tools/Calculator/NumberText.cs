using System.Numerics;

namespace Noos.Tools.Calculator;

/// <summary>How numbers are shown: see <see cref="CalculatorTool"/> for the convention.</summary>
static class NumberText
{
    const int ExactDigits = 20;
    const int RoundedDigits = 12;
    const int SmallestPlain = -7;

    public static string Format(Number value)
    {
        if (value.IsInteger && value.IsExact)
        {
            return value.Numerator.ToString();
        }

        if (value.IsZero)
        {
            return "0";
        }

        if (value.IsExact && TryFormatFinite(value, out var finite))
        {
            return finite;
        }

        // The estimate of the magnitude can be one off, which shows in the number of digits.
        var decimals = RoundedDigits - 1 - Number.Magnitude(value);
        decimals -= Digits(value.RoundToMultiple(decimals)) - RoundedDigits;
        // A long whole part is shown whole.
        if (decimals is < 0 and > RoundedDigits - ExactDigits - 1)
        {
            decimals = 0;
        }

        var multiple = value.RoundToMultiple(decimals);
        return "about " + Place(multiple, decimals);
    }

    /// <summary>A fraction is a finite decimal exactly when its denominator in lowest terms has no prime factors but 2 and 5.</summary>
    static bool TryFormatFinite(Number value, out string text)
    {
        text = "";
        var rest = value.Denominator;
        var decimals = Math.Max(Remove(ref rest, 2), Remove(ref rest, 5));
        if (!rest.IsOne)
        {
            return false;
        }

        var multiple = value.RoundToMultiple(decimals);
        if (Digits(multiple) > ExactDigits)
        {
            return false;
        }

        text = Place(multiple, decimals);
        return true;
    }

    static int Remove(ref BigInteger number, int prime)
    {
        var count = 0;
        while (true)
        {
            var quotient = BigInteger.DivRem(number, prime, out var remainder);
            if (!remainder.IsZero)
            {
                return count;
            }

            number = quotient;
            count++;
        }
    }

    /// <summary>Writes <paramref name="multiple"/> * 10^-<paramref name="decimals"/>.</summary>
    static string Place(BigInteger multiple, int decimals)
    {
        var sign = multiple.Sign < 0 ? "-" : "";
        var digits = BigInteger.Abs(multiple).ToString();
        var exponent = digits.Length - 1 - decimals;
        digits = digits.TrimEnd('0');
        if (exponent is < SmallestPlain or >= ExactDigits)
        {
            return sign + digits[0] + (digits.Length > 1 ? "." + digits[1..] : "") + "e" + exponent;
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        var whole = digits.PadRight(exponent + 1, '0');
        return sign + whole[..(exponent + 1)] + (whole.Length > exponent + 1 ? "." + whole[(exponent + 1)..] : "");
    }

    static int Digits(BigInteger value) => BigInteger.Abs(value).ToString().Length;
}
