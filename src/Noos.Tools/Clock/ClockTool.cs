using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Clock;

/// <summary>
/// Knows what time it is, and calculates with dates and times in the Gregorian calendar, years 1 to 9999, and in the time zones of the
/// machine's zone database. See <see cref="ClockParser"/> for what can be written.
/// </summary>
public sealed class ClockTool : ITool
{
    public const string Name = "clock";
    public const string Argument = "expression";

    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 200;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Tells today's date and the time, and calculates with dates: differences, adding and subtracting, weekdays, weeks, leap years, "
        + "time zones.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "today, now in Tokyo, 2026-12-24 - today, today + 3 weeks, weekday of 2000-02-29, next Friday, leap year 2028",
              "maxLength": {{MaxLength}}
            }
          },
          "required": ["{{Argument}}"],
          "additionalProperties": false
        }
        """));

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

    /// <summary>The day that an expression names.</summary>
    /// <exception cref="ToolException">It names none.</exception>
    internal static DateOnly ReadDate(string expression, TimeProvider timeProvider) =>
        Try(expression, timeProvider, parser => parser.ReadDay());

    /// <summary>The result of <paramref name="expression"/> as the tool shows it.</summary>
    /// <param name="expression">What to calculate.</param>
    /// <param name="timeProvider">The clock; its local zone is the one of the user.</param>
    /// <exception cref="ToolException">The expression cannot be read or evaluated; the message says why.</exception>
    public static string Evaluate(string expression, TimeProvider timeProvider) =>
        Try(expression, timeProvider, parser => parser.Evaluate());

    static T Try<T>(string expression, TimeProvider timeProvider, Func<ClockParser, T> read)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeProvider);
        if (expression.Length > MaxLength)
        {
            throw new ToolException($"The expression is longer than {MaxLength} characters.");
        }

        try
        {
            return read(new ClockParser(ClockLexer.Read(expression), timeProvider));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new ToolException("The result lies outside the years 1 to 9999.", e);
        }
    }
}
