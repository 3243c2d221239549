using System.Globalization;

namespace Noos.Peripherals.Voice.English;

/// <summary>Numbers as English says them (American: no "and").</summary>
static class NumberWords
{
    static readonly string[] s_small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    static readonly string[] s_tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    static readonly (long Size, string Name)[] s_scales =
        [(1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred")];

    static readonly Dictionary<string, string> s_ordinals = new(StringComparer.Ordinal)
    {
        ["one"] = "first",
        ["two"] = "second",
        ["three"] = "third",
        ["five"] = "fifth",
        ["eight"] = "eighth",
        ["nine"] = "ninth",
        ["twelve"] = "twelfth",
    };

    /// <summary>"forty two"; digits one by one where there are more than fifteen.</summary>
    public static string Cardinal(string digits)
    {
        digits = digits.Replace(",", "", StringComparison.Ordinal);
        return digits.Length > 15 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? Digits(digits)
            : digits.Length > 1 && digits[0] == '0' ? Digits(digits)
            : Cardinal(value);
    }

    public static string Cardinal(long value)
    {
        if (value < 0)
        {
            return "minus " + Cardinal(-value);
        }

        if (value < 20)
        {
            return s_small[value];
        }

        if (value < 100)
        {
            return s_tens[value / 10] + (value % 10 == 0 ? "" : " " + s_small[value % 10]);
        }

        var (size, name) = Array.Find(s_scales, scale => scale.Size <= value);
        return $"{Cardinal(value / size)} {name}" + (value % size == 0 ? "" : " " + Cardinal(value % size));
    }

    /// <summary>"forty second"</summary>
    public static string Ordinal(long value)
    {
        var words = Cardinal(value);
        var start = words.LastIndexOf(' ') + 1;
        var last = words[start..];
        var ordinal = s_ordinals.TryGetValue(last, out var known) ? known
            : last.EndsWith('y') ? last[..^1] + "ieth"
            : last + "th";
        return words[..start] + ordinal;
    }

    /// <summary>"seventeen eighty nine", "two thousand five", "twenty twenty four"</summary>
    public static string Year(int year)
    {
        var (century, rest) = (year / 100, year % 100);
        return year is < 1100 or > 2099 || year is >= 2000 and < 2010 ? Cardinal(year)
            : rest == 0 ? Cardinal(century) + " hundred"
            : rest < 10 ? $"{Cardinal(century)} oh {Cardinal(rest)}"
            : $"{Cardinal(century)} {Cardinal(rest)}";
    }

    /// <summary>"one two three"; what is no digit is a pause.</summary>
    public static string Digits(string digits) => string.Join(
        ' ', digits.Select(digit => char.IsAsciiDigit(digit) ? s_small[digit - '0'] : digit == '.' ? "point" : ","));

    /// <summary>A number with a fraction: "three point one four".</summary>
    public static string Decimal(string number)
    {
        var point = number.IndexOf('.');
        return point < 0 ? Cardinal(number)
            : $"{Cardinal(point == 0 ? "0" : number[..point])} point {Digits(number[(point + 1)..])}";
    }
}
