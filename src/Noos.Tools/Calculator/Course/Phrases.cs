namespace Noos.Tools.Calculator.Course;

/// <summary>The ways to say one calculation, apart from the sentence around it. Shared by lessons and examination, as is the language.</summary>
static class Phrases
{
    public static IReadOnlyList<string> Plus { get; } = ["plus", "plus", "plus", "and", "added to"];

    public static IReadOnlyList<string> Minus { get; } = ["minus", "minus", "minus", "take away", "less"];

    public static IReadOnlyList<string> Times { get; } = ["times", "times", "times", "multiplied by"];

    public static IReadOnlyList<string> Over { get; } = ["divided by", "divided by", "over"];

    /// <summary>One operation.</summary>
    public static IReadOnlyList<ProblemTemplate> One { get; } =
    [
        new(Shape.Free, "the sum of {a} and {b}", "{a}+{b}"),
        new(Shape.Free, "{a} and {b} together", "{a}+{b}"),
        new(Shape.Free, "the total of {a} and {b}", "{a}+{b}"),
        new(Shape.Minus, "the difference between {a} and {b}", "{a}-{b}"),
        new(Shape.Minus, "the difference of {a} and {b}", "{a}-{b}"),
        new(Shape.Times, "the product of {a} and {b}", "{a}*{b}"),
        new(Shape.Times, "{b} lots of {a}", "{b}*{a}"),
        new(Shape.Share, "the quotient of {a} and {b}", "{a}/{b}"),
        new(Shape.Share, "half of {a}", "{a}/2"),
        new(Shape.Share, "a third of {a}", "{a}/3"),
        new(Shape.Share, "a quarter of {a}", "{a}/4"),
        new(Shape.Share, "a tenth of {a}", "{a}/10"),
        new(Shape.Free, "twice {a}", "2*{a}"),
        new(Shape.Free, "double {a}", "2*{a}"),
        new(Shape.Free, "three times {a}", "3*{a}"),
    ];

    /// <summary>Other operations, which the lessons teach on the side.</summary>
    public static IReadOnlyList<ProblemTemplate> Other { get; } =
    [
        new(Shape.Free, "{a} squared", "{a}^2"),
        new(Shape.Free, "the square of {a}", "{a}^2"),
        new(Shape.Small, "{a} cubed", "{a}^3"),
        new(Shape.Small, "{a} to the power of {b}", "{a}^{b}"),
        new(Shape.Small, "{a} to the power {b}", "{a}^{b}"),
        new(Shape.Small, "the factorial of {a}", "{a}!"),
        new(Shape.Small, "{a} factorial", "{a}!"),
        new(Shape.Square, "the square root of {a}", "sqrt({a})"),
        new(Shape.Square, "the root of {a}", "sqrt({a})"),
        new(Shape.Free, "the square root of {a}", "sqrt({a})"),
        new(Shape.Minus, "the remainder of {a} divided by {b}", "{a} mod {b}"),
        new(Shape.Minus, "{a} mod {b}", "{a} mod {b}"),
        new(Shape.Free, "the average of {a} and {b}", "({a}+{b})/2"),
        new(Shape.Free, "the average of {a}, {b} and {c}", "({a}+{b}+{c})/3"),
        new(Shape.Free, "the largest of {a}, {b} and {c}", "max({a},{b},{c})"),
        new(Shape.Free, "the smallest of {a}, {b} and {c}", "min({a},{b},{c})"),
        new(Shape.Free, "the greatest common divisor of {a} and {b}", "gcd({a},{b})"),
        new(Shape.Small, "the least common multiple of {a} and {b}", "lcm({a},{b})"),
    ];

    public static IReadOnlyList<ProblemTemplate> Percent { get; } =
    [
        new(Shape.Percent, "{p}% of {a}", "{p}% of {a}"),
        new(Shape.Percent, "{p} percent of {a}", "{p}% of {a}"),
        new(Shape.Percent, "{p} % of {a}", "{p}% of {a}"),
        new(Shape.Percent, "{a} plus {p}%", "{a}+{p}%"),
        new(Shape.Percent, "{a} minus {p}%", "{a}-{p}%"),
        new(Shape.Percent, "{a} plus {p} percent", "{a}+{p}%"),
        new(Shape.Percent, "{a} minus {p} percent", "{a}-{p}%"),
    ];

    /// <summary>Two operations that need parentheses, or that are not said as a chain.</summary>
    public static IReadOnlyList<ProblemTemplate> Two { get; } =
    [
        new(Shape.Times, "the sum of {a} and {b}, times {c}", "({a}+{b})*{c}"),
        new(Shape.Times, "the sum of {a} and {b} multiplied by {c}", "({a}+{b})*{c}"),
        new(Shape.Times, "{c} times the sum of {a} and {b}", "{c}*({a}+{b})"),
        new(Shape.Minus, "the difference between {a} and {b}, times {c}", "({a}-{b})*{c}"),
        new(Shape.Free, "the sum of {a}, {b} and {c}", "{a}+{b}+{c}"),
        new(Shape.Free, "the total of {a}, {b} and {c}", "{a}+{b}+{c}"),
        new(Shape.Times, "the product of {a} and {b}, plus {c}", "{a}*{b}+{c}"),
        new(Shape.Times, "the product of {a} and {b} minus {c}", "{a}*{b}-{c}"),
        new(Shape.Times, "double {a} plus {b}", "2*{a}+{b}"),
        new(Shape.Share, "half of {a} plus {c}", "{a}/2+{c}"),
        new(Shape.Share, "{c} plus half of {a}", "{c}+{a}/2"),
        new(Shape.Free, "twice the sum of {a} and {b}", "2*({a}+{b})"),
    ];
}
