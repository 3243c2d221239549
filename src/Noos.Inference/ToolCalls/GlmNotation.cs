using System.Text;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// GLM 4.5 and later:
/// <c>&lt;tool_call&gt;NAME\n&lt;arg_key&gt;KEY&lt;/arg_key&gt;\n&lt;arg_value&gt;VALUE&lt;/arg_value&gt;\n&lt;/tool_call&gt;</c>, texts
/// as they are and other values in JSON; since 4.7 without the line ends.
/// </summary>
/// <param name="lineEnd">What stands between the parts.</param>
sealed class GlmNotation(string lineEnd) : ToolCallNotation
{
    const string KeyStart = "<arg_key>";
    const string KeyEnd = "</arg_key>";
    const string ValueStart = "<arg_value>";
    const string ValueEnd = "</arg_value>";

    public override string Name => "GLM";

    internal override IReadOnlyList<string> NeededTokens => ToolCallNotations.Hermes.NeededTokens;

    internal override IReadOnlyList<string> CallTokens => [SpecialTokens.ToolCallStart];

    internal override IReadOnlyList<string> LayoutTokens =>
        [SpecialTokens.ToolCallEnd, SpecialTokens.ToolResponseStart, SpecialTokens.ToolResponseEnd, "<|system|>"];

    public static ToolCallNotation? Recognize(string sample) => !sample.Contains(KeyStart, StringComparison.Ordinal) ? null
        : new GlmNotation(sample.Contains(KeyEnd + "\n" + ValueStart, StringComparison.Ordinal) ? "\n" : "");

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "")
    {
        var values = new ParameterValues(tools);
        return new MarkedAnswerReader(
            tokenizer,
            new CallMarks(SpecialTokens.ToolCallStart, SpecialTokens.ToolCallEnd, [KeyStart, KeyEnd, ValueStart, ValueEnd], inner =>
                Read(inner, values)),
            MarkedAnswerReader.OpensThought(promptEnd));
    }

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        return Sequence(Choice(calls.Select(Call)), Mark(tokenizer, SpecialTokens.ToolCallEnd));

        GrammarNode Call(CallGrammar call) => Sequence(
            Line(Text(call.Name)),
            AnyOrder([.. call.Parameters.Value.Select(parameter => (Parameter(parameter), parameter.IsRequired))]));

        GrammarNode Parameter(ParameterGrammar parameter) => Sequence(
            Mark(tokenizer, KeyStart), Text(parameter.Name), Line(Mark(tokenizer, KeyEnd)),
            Mark(tokenizer, ValueStart), parameter.Value(Encoding.UTF8.GetBytes(ValueEnd)), Line(Mark(tokenizer, ValueEnd)));

        GrammarNode Line(GrammarNode node) => lineEnd.Length == 0 ? node : Sequence(node, Text(lineEnd));
    }

    static IReadOnlyList<CallPiece> Read(string inner, ParameterValues values)
    {
        var first = inner.IndexOf(KeyStart, StringComparison.Ordinal);
        var name = (first < 0 ? inner : inner[..first]).Trim();
        var arguments = new List<(string, string)>();
        for (var from = first; from >= 0; from = inner.IndexOf(KeyStart, from, StringComparison.Ordinal))
        {
            var keyEnd = inner.IndexOf(KeyEnd, from, StringComparison.Ordinal);
            var value = keyEnd < 0 ? -1 : inner.IndexOf(ValueStart, keyEnd, StringComparison.Ordinal);
            var valueEnd = value < 0 ? -1 : inner.IndexOf(ValueEnd, value, StringComparison.Ordinal);
            if (valueEnd < 0)
            {
                return [];
            }

            arguments.Add((inner[(from + KeyStart.Length)..keyEnd], inner[(value + ValueStart.Length)..valueEnd]));
            from = valueEnd;
        }

        return name.Length == 0 || name.Contains('{', StringComparison.Ordinal)
            ? []
            : [new CallPiece(name, values.ToObject(name, arguments))];
    }
}
