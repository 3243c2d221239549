using System.Text.Json;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Kimi K2: <c>functions.NAME:INDEX&lt;|tool_call_argument_begin|&gt;{...}</c> for each call, the index counting the calls of the
/// conversation.
/// </summary>
sealed class KimiNotation() : SectionedNotation(
    "<|tool_calls_section_begin|>", "<|tool_call_begin|>", Arguments, "<|tool_call_end|>", "<|tool_calls_section_end|>", between: "")
{
    const string Arguments = "<|tool_call_argument_begin|>";
    const string Namespace = "functions.";
    const int MaxDigits = 4;

    public override string Name => "Kimi";

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains(Arguments, StringComparison.Ordinal) ? new KimiNotation() : null;

    private protected override GrammarNode Inner(CallGrammar call, GrammarNode mark) => Sequence(
        Text($"{Namespace}{call.Name}:"), new RepeatNode(new CharacterNode(CodePointSet.Create([('0', '9')])), 1, MaxDigits), mark,
        call.Arguments.Value);

    private protected override CallPiece? Read(string before, string behind)
    {
        var name = before.Trim();
        name = name.StartsWith(Namespace, StringComparison.Ordinal) ? name[Namespace.Length..] : name;
        name = name.LastIndexOf(':') is var colon and >= 0 ? name[..colon] : name;
        return name.Length > 0 && CallJson.Read(behind) is { ValueKind: JsonValueKind.Object } arguments
            ? new CallPiece(name, arguments)
            : null;
    }
}
