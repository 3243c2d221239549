using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// Evaluates one line of arithmetic exactly. Whole numbers are shown with all digits, finite decimals of up to 20 significant digits
/// as they are; any other result is rounded to 12 significant digits and says so: "about 0.333333333333". A comparison answers "true" or
/// "false". See <see cref="Parser"/> for what can be written.
/// </summary>
public sealed class CalculatorTool : Tool
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaximumLength = 1000;

    static readonly JsonElement s_schema = JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "expression": {
              "type": "string",
              "description": "Arithmetic, for example 48*37+5, 15% of 240, sqrt(2), 2^10, (7-3)/4, gcd(12,18), 3 < 4",
              "maxLength": {{MaximumLength}}
            }
          },
          "required": ["expression"],
          "additionalProperties": false
        }
        """);

    CalculatorTool()
    {
    }

    public static CalculatorTool Instance { get; } = new();

    public override string Name => "calculator";

    public override string Description =>
        "Calculates exactly: + - * / ^, percent, parentheses, roots, powers, factorials, comparisons and common functions. " +
        "A result that begins with \"about\" is rounded.";

    public override JsonElement JsonSchema => s_schema;

    /// <summary>The result of <paramref name="expression"/> as the tool shows it.</summary>
    /// <exception cref="ToolException">The expression cannot be evaluated; the message says why and where.</exception>
    public static string Evaluate(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        if (expression.Length > MaximumLength)
        {
            throw new ToolException($"The expression is longer than {MaximumLength} characters.");
        }

        var parsed = Parser.Parse(expression);
        return parsed is Comparison comparison
            ? Evaluator.Compare(comparison) ? "true" : "false"
            : NumberText.Format(Evaluator.Evaluate(parsed));
    }

    /// <summary>The same as a tool result: a refusal is marked as an error and begins with "Error: ".</summary>
    public static ToolResultPart Answer(string expression)
    {
        try
        {
            return new ToolResultPart(Instance.Name, Evaluate(expression));
        }
        catch (ToolException refusal)
        {
            return new ToolResultPart(Instance.Name, "Error: " + refusal.Message, IsError: true);
        }
    }

    protected override ValueTask<string> RunAsync(JsonElement arguments, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Evaluate(arguments.GetProperty("expression").GetString()!));
}
