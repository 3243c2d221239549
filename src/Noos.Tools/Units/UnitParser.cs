using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Core.Tools;
using Noos.Tools.Calculator;

namespace Noos.Tools.Units;

/// <summary>
/// Reads units: km/h, square meters, cubic feet, kg*m/s^2, m², miles per gallon, L/100 km. What stands behind a slash or "per" up to the
/// next sign divides.
/// </summary>
static partial class UnitParser
{
    const int Timeout = 1000;
    const int MaxTokens = 40;
    const int MaxPower = 9;

    // "imperial fluid ounces", "unit of account" has no more either.
    const int MaxWords = 4;

    /// <exception cref="ToolException">There is no such unit; the message names it.</exception>
    public static Unit Parse(string text)
    {
        var tokens = Read(text);
        if (tokens.Count == 0)
        {
            throw new ToolException("A unit is missing; write for example: 5 miles to km.");
        }

        var unit = Unit.One;
        var isFirst = true;
        for (var at = 0; at < tokens.Count;)
        {
            var divides = tokens[at] is "/" or "per";
            if (divides || tokens[at] == "*")
            {
                at++;
            }

            var factor = ReadFactor(tokens, ref at, text);
            // The zero of a scale counts only where it stands alone.
            unit = divides ? unit / factor : isFirst ? factor : unit * factor;
            isFirst = false;
        }

        return unit;
    }

    /// <summary>A number and a unit, as the table defines others.</summary>
    internal static Unit ParseDefinition(string definition)
    {
        var (amount, rest) = Quantity.ReadAmount(definition);
        var unit = Parse(rest);
        return unit with { Factor = unit.Factor * (amount ?? Number.One) };
    }

    /// <summary>One unit with its power; behind a slash also a number before it.</summary>
    static Unit ReadFactor(List<string> tokens, ref int at, string text)
    {
        var number = Unit.One;
        if (at < tokens.Count && char.IsAsciiDigit(tokens[at][0]))
        {
            number = new Unit(Evaluator.Evaluate(Parser.Parse(tokens[at])), default);
            at++;
        }

        var power = 1;
        if (at < tokens.Count && tokens[at].ToLowerInvariant() is "square" or "sq" or "cubic" or "cu")
        {
            power = tokens[at].ToLowerInvariant() is "square" or "sq" ? 2 : 3;
            at++;
        }

        var unit = ReadName(tokens, ref at, text);
        if (at < tokens.Count && PowerOf(tokens[at]) is { } given)
        {
            power *= given;
            at++;
        }

        return power == 1 && number == Unit.One ? unit : number * unit.Power(power);
    }

    static Unit ReadName(List<string> tokens, ref int at, string text)
    {
        var words = 0;
        while (words < MaxWords && at + words < tokens.Count && IsWord(tokens[at + words]))
        {
            words++;
        }

        var first = at < tokens.Count ? tokens[at] : "";
        for (; words > 0; words--)
        {
            if (UnitTable.Find(string.Join(' ', tokens.Skip(at).Take(words))) is { } unit)
            {
                at += words;
                return unit;
            }
        }

        throw new ToolException(first.Length == 0
            ? $"A unit is missing at the end of \"{text.Trim()}\"."
            : $"There is no unit \"{first}\" here; write its usual name or symbol, such as miles, km, lb or °C.");
    }

    static bool IsWord(string token) => token is not ("/" or "*" or "per") && !char.IsAsciiDigit(token[0]) && PowerOf(token) is null;

    static int? PowerOf(string token) => token switch
    {
        "²" or "squared" => 2,
        "³" or "cubed" => 3,
        ['^', .. var digits] => int.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            is >= -MaxPower and <= MaxPower and var power
            ? power
            : throw new ToolException($"The power {digits} of a unit is too high; at most it is {MaxPower}."),
        _ => null,
    };

    static List<string> Read(string text)
    {
        var tokens = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] is '(' or ')')
            {
                at++;
                continue;
            }

            if (Token().Match(text, at) is not { Success: true } match || match.Index != at || tokens.Count == MaxTokens)
            {
                throw new ToolException($"\"{text.Trim()}\" cannot be read as a unit; write for example: km/h, m^2, kg*m/s^2.");
            }

            tokens.Add(match.Groups["power"] is { Success: true } power ? $"^{power.Value}"
                : match.Value is "·" or "×" or "⋅" ? "*"
                : match.Value.Length > 1 ? match.Value.TrimEnd('.') : match.Value);
            at += match.Length;
        }

        return tokens;
    }

    // A 2 or 3 right behind letters is a power, as in m2.
    [GeneratedRegex(
        @"\^\s*(?<power>[+-]?\d{1,3})|(?<=\p{L})(?<power>[23])(?![\d\p{L}.])|[²³]|\d+(\.\d+)?|[*/·×⋅]"
        + @"|[\p{L}°µ℃℉′″'""#]\p{L}*(-\p{L}+)*\.?",
        RegexOptions.ExplicitCapture, Timeout)]
    private static partial Regex Token();
}
