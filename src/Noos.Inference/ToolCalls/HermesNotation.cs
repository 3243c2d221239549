using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary><c>&lt;tool_call&gt;\n{"name": ..., "arguments": {...}}\n&lt;/tool_call&gt;</c></summary>
sealed class HermesNotation : ToolCallNotation
{
    public override string Name => "Hermes";

    internal override IReadOnlyList<string> NeededTokens => [SpecialTokens.ToolCallStart, SpecialTokens.ToolCallEnd];

    internal override IReadOnlyList<string> CallTokens => [SpecialTokens.ToolCallStart];

    internal override IReadOnlyList<string> LayoutTokens =>
        [SpecialTokens.ToolCallEnd, SpecialTokens.MessageStart, SpecialTokens.ToolResponseStart, SpecialTokens.ToolResponseEnd];

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(
        tokenizer,
        new CallMarks(SpecialTokens.ToolCallStart, SpecialTokens.ToolCallEnd, [], inner => CallJson.ReadCall(inner, "arguments")),
        MarkedAnswerReader.OpensThought(promptEnd));

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        if (calls.Count > 0)
        {
            var tail = Text("}\n");
            var body = new LiteralNode(calls.Select(call => (Head(call.Name), (GrammarNode?)new SequenceNode(call.Arguments.Value, tail))));
            yield return new CallOpening(
                Token(tokenizer, SpecialTokens.ToolCallStart), Sequence(body, Mark(tokenizer, SpecialTokens.ToolCallEnd)));
        }
    }

    static byte[] Head(string name) => [.. "\n{\"name\": "u8, .. SchemaCompiler.Write(name), .. ", \"arguments\": "u8];
}
