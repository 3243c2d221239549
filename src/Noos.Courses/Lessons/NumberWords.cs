namespace Noos.Courses.Lessons;

/// <summary>English number words for 0 to 999,999,999.</summary>
public static class NumberWords
{
    static readonly string[] s_small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    static readonly string[] s_tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <param name="number">0 to 999,999,999.</param>
    /// <param name="withAnd">"one hundred and five" rather than "one hundred five".</param>
    /// <param name="withHyphen">"forty-eight" rather than "forty eight".</param>
    public static string Spell(long number, bool withAnd = true, bool withHyphen = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 999_999_999);
        if (number < 20)
        {
            return s_small[number];
        }

        if (number < 100)
        {
            return s_tens[number / 10] + (number % 10 == 0 ? "" : (withHyphen ? "-" : " ") + s_small[number % 10]);
        }

        var (size, name) = number < 1000 ? (100, "hundred") : number < 1_000_000 ? (1000, "thousand") : (1_000_000, "million");
        var head = Spell(number / size, withAnd, withHyphen) + " " + name;
        var rest = number % size;
        if (rest == 0)
        {
            return head;
        }

        return head + (withAnd && rest < 100 ? " and " : " ") + Spell(rest, withAnd, withHyphen);
    }
}
