using System.Text;
using System.Text.RegularExpressions;
using Noos.Core.Tools;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>How the numbers of one question are written.</summary>
enum NumberStyle
{
    Digits,
    Commas,
    Words,
}

/// <summary>Draws numbers for templates and chains, and keeps to those with a result that is pleasant to say.</summary>
sealed partial class ProblemMaker(Draw draw, IReadOnlyList<string> names, IReadOnlyList<string> things)
{
    const int Attempts = 200;
    const int LongestResult = 14;
    static readonly int[] s_usualPercents = [5, 10, 15, 20, 25, 30, 40, 50, 75, 80, 90];
    static readonly (char Symbol, string[] Shown)[] s_symbols =
    [
        ('+', ["+", " + ", " + "]), ('-', ["-", " - ", " - "]), ('*', ["*", " * ", " x ", "x", " × "]), ('/', ["/", " / ", " ÷ ", ":"]),
    ];

    /// <summary>Fills a template; <paramref name="digits"/> bounds the length of its numbers.</summary>
    public Problem Fill(ProblemTemplate template, int digits, NumberStyle style, bool wholeResult = false)
    {
        if (style == NumberStyle.Words && template.Question.AsSpan().IndexOfAny('%', '^', '*') >= 0)
        {
            style = NumberStyle.Digits;
        }

        return Try(wholeResult, () =>
        {
            var values = NumbersFor(template, digits, style);
            if (values is null)
            {
                return null;
            }

            var name = draw.Pick(names);
            var other = draw.Pick(names);
            if (name == other)
            {
                return null;
            }

            var things1 = draw.Pick(things);
            var (question, expression) = (new StringBuilder(template.Question), new StringBuilder(template.Expression));
            foreach (var (key, value) in values)
            {
                question.Replace(key, Say(value, style));
                expression.Replace(key, value);
            }

            string Complete(string text) => text.Replace("{n}", name).Replace("{m}", other).Replace("{o}", things1);
            return new Problem(Complete(question.ToString()), expression.ToString(),
                template.Sentence is null ? null : Complete(template.Sentence));
        });
    }

    /// <summary>A chain of operations, said in words ("48 times 37 plus 5") or written with symbols ("48*37+5").</summary>
    public Problem Chain(int operations, int digits, NumberStyle style, bool symbols) => Try(wholeResult: false, () =>
    {
        var operators = Enumerable.Range(0, operations).Select(_ => draw.Pick('+', '-', '*', '/')).ToArray();
        var numbers = ChainNumbers(operators, digits, style);
        if (numbers is null)
        {
            return null;
        }

        // "-5 + 3" is no "5 + 3".
        var minus = !draw.IsExamination && draw.Chance(0.06);
        var parenthesis = symbols && operations > 1 && draw.Chance(0.35) ? draw.Index(0, operations - 1) : -1;
        var shown = draw.Index(0, 4);
        var (question, expression) = (new StringBuilder(), new StringBuilder());
        if (minus)
        {
            question.Append(symbols ? draw.Pick("-", "-", "- ", "\u2212") : draw.Pick("minus ", "minus ", "negative "));
            expression.Append('-');
        }

        for (var index = 0; index < numbers.Length; index++)
        {
            var open = index == parenthesis ? "(" : "";
            var close = index == parenthesis + 1 && parenthesis >= 0 ? ")" : "";
            question.Append(open).Append(Say(numbers[index], symbols ? NumberStyle.Digits : style)).Append(close);
            expression.Append(open).Append(numbers[index]).Append(close);
            if (index < operations)
            {
                question.Append(symbols ? Symbol(operators[index], shown) : " " + Word(operators[index]) + " ");
                expression.Append(operators[index]);
            }
        }

        return new Problem(question.ToString(), expression.ToString());
    });

    Problem Try(bool wholeResult, Func<Problem?> make)
    {
        var mayRound = draw.Chance(0.08) && !draw.IsExamination && !wholeResult;
        var mayBeNegative = draw.Chance(0.1) && !draw.IsExamination && !wholeResult;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (make() is { } problem && IsPleasant(
                problem.Expression, mayRound, mayBeNegative || problem.Expression[0] == '-', wholeResult))
            {
                return problem;
            }
        }

        // Every shape has some pleasant numbers; a sum always has.
        var (left, right) = (draw.Digits(2), draw.Digits(2));
        return new Problem($"{left} plus {right}", $"{left}+{right}");
    }

    static bool IsPleasant(string expression, bool mayRound, bool mayBeNegative, bool wholeResult)
    {
        try
        {
            var result = CalculatorTool.Evaluate(expression);
            var isRounded = result.StartsWith("about", StringComparison.Ordinal);
            return (!isRounded || mayRound) && (result[0] != '-' || mayBeNegative) && !(wholeResult && result.Contains('.'))
                && result.Length <= (isRounded ? LongestResult + 6 : LongestResult);
        }
        catch (ToolException)
        {
            return false;
        }
    }

    Dictionary<string, string>? NumbersFor(ProblemTemplate template, int digits, NumberStyle style)
    {
        var values = new Dictionary<string, string>();
        long a, b, c;
        switch (template.Shape)
        {
            case Shape.Minus:
                a = Number(Math.Max(digits, 2), style);
                var most = template.Expression.Contains("-{c}") ? a / 2 : a - 1;
                if (most < 12)
                {
                    return null;
                }

                (b, c) = (draw.Number(2, most), draw.Number(2, most));
                break;
            case Shape.Times:
                (a, b, c) = (Number(digits, style), Number(Math.Min(2, digits), style), Number(digits, style));
                if (b < 2)
                {
                    return null;
                }

                break;
            case Shape.Share:
                b = FixedDivisor().Match(template.Expression) is { Success: true } match
                    ? long.Parse(match.Groups["divisor"].Value)
                    : draw.IsExamination ? draw.Index(2, 9) : draw.Number(2, 12);
                a = b * draw.Index(2, (int)Math.Pow(10, Math.Max(1, digits - 1)));
                c = Number(digits, style);
                break;
            case Shape.Change:
                (a, b) = (draw.Number(2, digits < 3 ? 20 : 60), draw.Number(2, 12));
                c = (a * b) + draw.Index(1, 200);
                break;
            case Shape.Small:
                (a, b, c) = (draw.Number(2, 20), draw.Number(2, 6), draw.Number(2, 9));
                break;
            case Shape.Square:
                var root = draw.Index(2, 40);
                (a, b, c) = (root * root, 2, 2);
                break;
            case Shape.Power:
                (a, b, c) = (draw.Number(2, 20), draw.Number(2, draw.Chance(0.5) ? 10 : 30), 2);
                break;
            case Shape.Years:
                (b, c) = (draw.Number(1500, 2000), 2);
                a = draw.Number(b + 1, Math.Min(b + 120, 2030));
                break;
            default:
                (a, b, c) = (Number(digits, style), Number(digits, style), Number(digits, style));
                break;
        }

        if (RepeatsNumber() && template.Shape is Shape.Free or Shape.Minus)
        {
            c = b;
        }

        if (!draw.Fits(a) || !draw.Fits(b) || !draw.Fits(c))
        {
            return null;
        }

        var percent = draw.IsExamination || draw.Chance(0.65) ? draw.Number(2, 99) : Usual();
        var mayHaveDecimals = template.Shape is Shape.Free or Shape.Minus or Shape.Times && MayHaveDecimals(template)
            && !draw.IsExamination;
        var decimals = mayHaveDecimals && draw.Chance(0.12)
            ? draw.Index(1, 2)
            : 0;
        values["{a}"] = Point(a, decimals);
        values["{b}"] = Point(b, template.Shape == Shape.Times ? 0 : decimals);
        values["{c}"] = Point(c, decimals);
        values["{p}"] = percent.ToString();
        return values;
    }

    long Usual()
    {
        long percent;
        do
        {
            percent = draw.Pick(s_usualPercents);
        }
        while (!draw.Fits(percent));

        return percent;
    }

    static bool MayHaveDecimals(ProblemTemplate template) =>
        !template.Expression.Contains("mod") && !template.Expression.Contains("gcd")
        && (!template.Question.Contains("{o}") && !template.Question.Contains("How many"));

    string[]? ChainNumbers(char[] operators, int digits, NumberStyle style)
    {
        var numbers = new long[operators.Length + 1];
        for (var index = 0; index < numbers.Length; index++)
        {
            var isFactor = index > 0 && operators[index - 1] == '*';
            var repeats = index > 0 && RepeatsNumber() && (!isFactor || numbers[index - 1] < 100);
            numbers[index] = repeats ? numbers[index - 1] : Number(isFactor ? Math.Min(digits, 2) : digits, style);
        }

        for (var index = 0; index < operators.Length; index++)
        {
            if (operators[index] != '/')
            {
                continue;
            }

            numbers[index + 1] = draw.IsExamination ? draw.Index(2, 9) : draw.Number(2, 12);
            numbers[index] = numbers[index + 1] * draw.Index(2, (int)Math.Pow(10, Math.Max(1, digits - 1)));
        }

        if (!numbers.All(draw.Fits) || (draw.IsExamination && numbers.All(number => number < 10)))
        {
            return null;
        }

        var decimals = !draw.IsExamination && !operators.Contains('/') && draw.Chance(0.12) ? draw.Index(1, 2) : 0;
        return [.. numbers.Select(number => Point(number, draw.Chance(0.7) ? decimals : 0))];
    }

    /// <summary>Chance alone would hardly ever say the same number twice, and then it would be counted wrongly.</summary>
    bool RepeatsNumber() => !draw.IsExamination && draw.Chance(0.08);

    long Number(int digits, NumberStyle style)
    {
        var count = draw.IsExamination ? Math.Max(2, draw.Index(2, Math.Max(2, digits))) : draw.Index(1, digits);
        return style == NumberStyle.Words && !draw.IsExamination ? draw.NextWithDigits(count) : draw.Digits(count);
    }

    static string Point(long number, int decimals)
    {
        if (decimals == 0)
        {
            return number.ToString();
        }

        var digits = number.ToString().PadLeft(decimals + 1, '0');
        return digits[..^decimals] + "." + digits[^decimals..];
    }

    string Say(string value, NumberStyle style)
    {
        var whole = value.Split('.')[0];
        switch (style)
        {
            case NumberStyle.Commas when whole.Length > 3:
                return string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0:N0}", long.Parse(whole))
                    + value[whole.Length..];
            case NumberStyle.Words:
                var words = NumberWords.Spell(long.Parse(whole), draw.Chance(0.6), draw.Chance(0.8));
                return value.Length == whole.Length
                    ? words
                    : words + " point " + string.Join(' ', value[(whole.Length + 1)..].Select(digit => NumberWords.Spell(digit - '0')));
            default:
                return value;
        }
    }

    string Word(char symbol) => draw.Pick(symbol switch
    {
        '+' => Phrases.Plus,
        '-' => Phrases.Minus,
        '*' => Phrases.Times,
        _ => Phrases.Over,
    });

    static string Symbol(char symbol, int variant)
    {
        var shown = s_symbols.First(entry => entry.Symbol == symbol).Shown;
        return shown[Math.Min(variant, shown.Length - 1)];
    }

    [GeneratedRegex(@"\{a\}/(?<divisor>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FixedDivisor();
}
