using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>
/// Evaluates one line of arithmetic exactly. Whole numbers are shown with all digits, finite decimals of up to 20 significant digits
/// as they are; any other result is rounded to 12 significant digits and says so: "about 0.333333333333". A comparison answers "true" or
/// "false". See <see cref="Parser"/> for what can be written.
/// </summary>
public sealed class CalculatorTool : ITool
{
    public const string Name = "calculator";
    public const string Argument = "expression";

    /// <summary>The longest expression, in characters.</summary>
    public const int MaximumLength = 1000;

    static readonly ToolDeclaration s_declaration = new(
        Name,
        "Calculates exactly: + - * / ^, percent, parentheses, roots, powers, factorials, comparisons and common functions. " +
        "A result that begins with \"about\" is rounded.",
        JsonElement.Parse($$"""
        {
          "type": "object",
          "properties": {
            "{{Argument}}": {
              "type": "string",
              "description": "Arithmetic, for example 48*37+5, 15% of 240, sqrt(2), 2^10, (7-3)/4, gcd(12,18), 3 < 4",
              "maxLength": {{MaximumLength}}
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
        return ValueTask.FromResult(ToolResult.Text(Evaluate(call.Arguments.GetProperty(Argument).GetString()!)));
    }

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

    /// <summary>The call that a model would make for an expression, as lessons show it.</summary>
    public static ToolCallPart CreateCall(string expression)
    {
        var text = JsonEncodedText.Encode(expression, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return new ToolCallPart(Name, JsonElement.Parse($$"""{"{{Argument}}":"{{text}}"}"""));
    }

    /// <summary>The result of such a call, as lessons show it; a refusal is marked as an error.</summary>
    public static ToolResultPart CreateResult(string expression)
    {
        try
        {
            return new ToolResultPart(Name, Evaluate(expression));
        }
        catch (ToolException refusal)
        {
            return new ToolResultPart(Name, refusal.Message, IsError: true);
        }
    }
}
