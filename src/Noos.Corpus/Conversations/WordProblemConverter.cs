using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Conversations;

/// <summary>
/// Rows with <c>prompt</c>, <c>equation</c> and <c>answer</c> of a word problem, as a call of a tool that evaluates expressions and the
/// answer to it.
/// </summary>
/// <param name="tool">Name of the tool.</param>
/// <param name="argument">Name of its argument, an expression such as <c>(23-11)/2</c>.</param>
public sealed partial class WordProblemConverter(string tool, string argument)
{
    const double MaxAnswer = 1e9;

    /// <summary>The conversation of a row; null where the answer is no whole number or the equation has another form.</summary>
    public Conversation? Convert(JsonRow row)
    {
        if (!row.Value.TryGetProperty("answer", out var number) || number.ValueKind != JsonValueKind.Number
            || !number.TryGetDouble(out var answer) || answer != Math.Floor(answer) || Math.Abs(answer) > MaxAnswer)
        {
            return null;
        }

        var equation = DecimalZeroPattern().Replace(row.Text("equation").Replace(" ", ""), "");
        if (!EquationPattern().IsMatch(equation))
        {
            return null;
        }

        var result = ((long)answer).ToString(CultureInfo.InvariantCulture);
        // Digits, operators and parentheses need no escapes.
        var arguments = JsonElement.Parse($$"""{"{{argument}}":"{{equation[1..^1]}}"}""");
        return Conversation.From(
            Message.User(row.Text("prompt")), Message.Assistant(new ToolCallPart(tool, arguments)),
            Message.Tool(new ToolResultPart(tool, result)), Message.Assistant($"The answer is {result}."));
    }

    [GeneratedRegex(@"\.0+(?!\d)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DecimalZeroPattern();

    [GeneratedRegex(@"^\((?:\d+|\(\d+[-+*/]\d+\))[-+*/](?:\d+|\(\d+[-+*/]\d+\))\)$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EquationPattern();
}
