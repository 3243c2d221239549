using System.Text.RegularExpressions;
using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Units;

/// <summary>An amount of something, such as "5 ft 11 in" or "(2+3)*4 kg".</summary>
/// <param name="Base">In base units.</param>
/// <param name="Dimension">What it measures.</param>
readonly partial record struct Quantity(Number Base, Dimension Dimension)
{
    const int Timeout = 1000;
    const int MaxParts = 6;

    /// <exception cref="ToolException">It cannot be read; the message says why.</exception>
    public static Quantity Parse(string text)
    {
        var parts = Split(text);
        if (parts.Count > MaxParts)
        {
            throw new ToolException($"An amount has at most {MaxParts} parts, such as 5 ft 11 in.");
        }

        Quantity? sum = null;
        var isNegative = false;
        foreach (var part in parts)
        {
            var (amount, rest) = ReadAmount(part);
            var unit = UnitParser.Parse(rest);
            var value = amount ?? Number.One;
            if (sum is not { } before)
            {
                isNegative = value.Sign < 0;
                // A second part is a difference, not a place on the scale.
                sum = new Quantity((value + (parts.Count == 1 ? unit.Zero : Number.Zero)) * unit.Factor, unit.Dimension);
                continue;
            }

            if (unit.Dimension != before.Dimension)
            {
                throw new ToolException($"\"{rest.Trim()}\" does not measure the same as what stands before it.");
            }

            var more = value * unit.Factor;
            sum = before with { Base = before.Base + (isNegative ? -more : more) };
        }

        return sum ?? throw new ToolException("An amount is missing; write for example: 5 miles to km.");
    }

    /// <summary>The number at the beginning, which may be calculated; null where there is none.</summary>
    /// <exception cref="ToolException">It cannot be calculated.</exception>
    internal static (Number? Amount, string Remainder) ReadAmount(string text)
    {
        text = text.TrimStart();
        if (Words().Match(text) is { Success: true } words)
        {
            var isHalf = words.Value.StartsWith("half", StringComparison.OrdinalIgnoreCase);
            return (isHalf ? Number.From(1, 2) : Number.One, text[words.Length..]);
        }

        if (Mixed().Match(text) is { Success: true } mixed)
        {
            var (whole, fraction) = (mixed.Groups["whole"].Value, mixed.Groups["fraction"].Value);
            var sign = whole.StartsWith('-') ? "-" : "+";
            return (Calculate($"{whole}{sign}{fraction}"), text[mixed.Length..]);
        }

        var length = Amount().Match(text).Length;
        var number = text[..length].TrimEnd(' ', '+', '*', '/', '(', '^', ',', '×', '÷');
        return number.Length == 0 || number == "-"
            ? (null, text)
            : (Calculate(Grouped().Replace(number, "")), text[number.Length..]);
    }

    static Number Calculate(string expression) => Parser.Parse(expression) is var parsed and not Comparison
        ? Evaluator.Evaluate(parsed)
        : throw new ToolException("An amount is a number, not a comparison.");

    /// <summary>Cuts before every number that begins an amount: not that of a power, nor one behind a slash.</summary>
    static List<string> Split(string text)
    {
        var parts = new List<string>();
        var start = 0;
        var hasUnit = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                hasUnit |= char.IsLetter(text[i]) || text[i] is '\'' or '"' or '°' or '′' or '″';
                continue;
            }

            var before = text[..i].TrimEnd();
            if (hasUnit && before.Length > 0 && (char.IsLetter(before[^1]) || before[^1] is '\'' or '"' or '°' or '′' or '″' or ',')
                && !PerBefore().IsMatch(before) && !IsPower(text, i) && !IsExponent(text, i))
            {
                parts.Add(Trim(text[start..i]));
                start = i;
                hasUnit = false;
            }

            while (i + 1 < text.Length && (char.IsAsciiDigit(text[i + 1]) || text[i + 1] is '.' or ','))
            {
                i++;
            }
        }

        parts.Add(Trim(text[start..]));
        return parts;
    }

    static string Trim(string part)
    {
        part = part.Trim(' ', ',');
        return part.EndsWith(" and", StringComparison.OrdinalIgnoreCase) ? part[..^4] : part;
    }

    static bool IsPower(string text, int at) => text[at] is '2' or '3' && char.IsLetter(text[at - 1])
        && (at + 1 == text.Length || !(char.IsLetterOrDigit(text[at + 1]) || text[at + 1] == '.'));

    // 5e3 m
    static bool IsExponent(string text, int at) => at > 1 && text[at - 1] is 'e' or 'E' && char.IsAsciiDigit(text[at - 2]);

    [GeneratedRegex(
        @"^(half an?|an?|one)\b(?=\s+\p{L})", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Words();

    [GeneratedRegex(@"^(?<whole>[-+]?\d+)\s+(?<fraction>\d+/\d+)(?=[\s\p{L}])", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Mixed();

    [GeneratedRegex(@"^([\d.,+\-*/^()×÷\s]|(?<=\d)[eE][+-]?\d|\bpi\b)*", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Amount();

    [GeneratedRegex(@"(?<=\d)\s(?=\d{3}(?!\d))", RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Grouped();

    [GeneratedRegex(@"(\bper|/|\^)\s*$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex PerBefore();
}
