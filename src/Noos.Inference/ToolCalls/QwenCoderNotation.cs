using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Qwen3-Coder: between <c>&lt;tool_call&gt;\n</c> and <c>\n&lt;/tool_call&gt;</c>
/// <c>&lt;function=NAME&gt;\n&lt;parameter=KEY&gt;\nVALUE\n&lt;/parameter&gt;\n&lt;/function&gt;</c>,
/// texts as they are and other values in JSON.
/// </summary>
sealed class QwenCoderNotation : ToolCallNotation
{
    const string FunctionStart = "<function=";
    const string FunctionEnd = "</function>";
    const string ParameterStart = "<parameter=";
    const string ParameterEnd = "\n</parameter>";

    public override string Name => "Qwen3-Coder";

    internal override IReadOnlyList<string> NeededTokens => ToolCallNotations.Hermes.NeededTokens;

    internal override IReadOnlyList<string> CallTokens => [SpecialTokens.ToolCallStart];

    internal override IReadOnlyList<string> LayoutTokens => ToolCallNotations.Hermes.LayoutTokens;

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains(FunctionStart, StringComparison.Ordinal) && sample.Contains(ParameterStart, StringComparison.Ordinal)
            ? new QwenCoderNotation()
            : null;

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "")
    {
        var values = new ParameterValues(tools);
        return new MarkedAnswerReader(
            tokenizer, new CallMarks(SpecialTokens.ToolCallStart, SpecialTokens.ToolCallEnd, [], inner => Read(inner, values)),
            MarkedAnswerReader.OpensThought(promptEnd));
    }

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    static GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) => Sequence(
        Text("\n" + FunctionStart), Choice(calls.Select(Function)), Text(FunctionEnd + "\n"),
        Mark(tokenizer, SpecialTokens.ToolCallEnd));

    static GrammarNode Function(CallGrammar call) => Sequence(
        Text(call.Name + ">\n"),
        AnyOrder([.. call.Parameters.Value.Select(parameter => (
            Sequence(
                Text($"{ParameterStart}{parameter.Name}>\n"),
                parameter.Value(System.Text.Encoding.UTF8.GetBytes(ParameterEnd)),
                Text(ParameterEnd + "\n")),
            parameter.IsRequired))]));

    static IReadOnlyList<CallPiece> Read(string inner, ParameterValues values)
    {
        var head = inner.IndexOf(FunctionStart, StringComparison.Ordinal);
        var headEnd = head < 0 ? -1 : inner.IndexOf('>', head);
        if (headEnd < 0)
        {
            return [];
        }

        var name = inner[(head + FunctionStart.Length)..headEnd];
        var arguments = new List<(string, string)>();
        var from = headEnd;
        while (inner.IndexOf(ParameterStart, from, StringComparison.Ordinal) is var start and >= 0)
        {
            var key = start + ParameterStart.Length;
            var keyEnd = inner.IndexOf('>', key);
            var end = keyEnd < 0 ? -1 : inner.IndexOf("</parameter>", keyEnd, StringComparison.Ordinal);
            if (end < 0)
            {
                return [];
            }

            var value = inner[(keyEnd + 1)..end];
            value = value.StartsWith('\n') ? value[1..] : value;
            arguments.Add((inner[key..keyEnd], value.EndsWith('\n') ? value[..^1] : value));
            from = end;
        }

        return name.Length == 0 ? [] : [new CallPiece(name, values.ToObject(name, arguments))];
    }
}
