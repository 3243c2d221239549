using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Tools.Clock;
using Noos.Tools.Units.Currencies;

namespace Noos.Tools.Units;

/// <summary>
/// Converts units exactly, as <see cref="UnitTable"/> defines them, and money at the reference rates of the European Central Bank that came
/// with the program. Numbers are shown as the calculator shows them: "about" stands before one that is rounded.
/// </summary>
public sealed partial class ConvertTool(ConvertOptions? options = null) : ITool
{
    public const string Name = "convert";
    public const string Argument = "expression";

    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 300;

    const int Timeout = 1000;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Converts units of length, area, volume, mass, temperature, speed, pressure, energy, power, data, time, angle and fuel use, and "
        + "money at the exchange rate of a day.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "For example 5 miles to km, 98.6 °F to °C, 5 ft 11 in to cm, 50 GBP to JPY on 2024-06-28",
              "maxLength": {{MaxLength}}
            }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

    readonly CurrencyConverter _currencies = new(options?.RatesFile);

    public ToolDeclaration Declaration => s_declaration;

    public IReadOnlyList<Capability> Needs => [];

    public bool IsRepeatable => true;

    public ValueTask<ToolResult> InvokeAsync(ToolCallPart call, IToolContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(
            ToolResult.Text(Evaluate(call.Arguments.GetProperty(Argument).GetString()!, context.TimeProvider)));
    }

    /// <summary>The result of <paramref name="expression"/> as the tool shows it.</summary>
    /// <param name="expression">What to convert into what.</param>
    /// <param name="timeProvider">The clock, for rates of "today".</param>
    /// <exception cref="ToolException">It cannot be converted; the message says why.</exception>
    public string Evaluate(string expression, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeProvider);
        if (expression.Length > MaxLength)
        {
            throw new ToolException($"The expression is longer than {MaxLength} characters.");
        }

        var text = Politeness().Replace(expression.Trim().TrimEnd('?', '='), "").Replace("->", " to ").Replace("→", " to ");
        (string Source, string Target)[] readings =
            [.. Separator().Matches(text).Reverse().Select(found => (text[..found.Index], text[(found.Index + found.Length)..]))];
        if (readings.Length == 0)
        {
            throw new ToolException("Say into what to convert; write for example: 5 miles to km.");
        }

        foreach (var (source, target) in readings)
        {
            var (currency, day) = SplitDay(target);
            if (CurrencyNames.Find(currency) is { } to && CurrencyConverter.TryRead(source) is var (amount, from))
            {
                return _currencies.Convert(amount, from, to, day is null ? null : ClockTool.ReadDate(day, timeProvider));
            }
        }

        // "5 in to cm" and "5 cm in in" have two of them: what can be read is meant, else the first is told of.
        var reading = Array.Find(readings, one => UnitConverter.CanRead(one.Source, one.Target));
        var (what, into) = reading == default ? readings[^1] : reading;
        return UnitConverter.Convert(what, into.Trim());
    }

    static (string Name, string? Day) SplitDay(string target) => Day().Match(target) is { Success: true } day
        ? (target[..day.Index], day.Groups["day"].Value)
        : (target, null);

    [GeneratedRegex(@"\s(to|in|into|as)(?=\s)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^(convert|what\s+is|what's|how\s+much\s+is)\s+", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Politeness();

    [GeneratedRegex(
        @"\s+(on|at|as\s+of|of)\s+(the\s+)?(?<day>\S.*)$|\s+(?<day>today|yesterday|\d{4}-\d{2}-\d{2})$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, Timeout)]
    private static partial Regex Day();
}
