using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary><c>&lt;tool_call&gt;\n{"name": ..., "arguments": {...}}\n&lt;/tool_call&gt;</c></summary>
sealed class HermesNotation : ToolCallNotation
{
    public override string Name => "Hermes";

    internal override IReadOnlyList<string> NeededTokens => [];

    internal override IReadOnlyList<string> CallTokens => [SpecialTokens.ToolCallStart];

    internal override IReadOnlyList<string> LayoutTokens =>
        [SpecialTokens.ToolCallEnd, SpecialTokens.MessageStart, SpecialTokens.ToolResponseStart, SpecialTokens.ToolResponseEnd];

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(
        tokenizer,
        new CallMarks(SpecialTokens.ToolCallStart, SpecialTokens.ToolCallEnd, [], inner => CallJson.ReadCall(inner, "arguments")),
        MarkedAnswerReader.OpensThought(promptEnd));

    /// <summary>The vocabulary has the marks as tokens, as those of models that were trained for calls do.</summary>
    internal static bool HasTokens(Tokenizer tokenizer) =>
        tokenizer.TryGetSpecial(SpecialTokens.ToolCallStart, out _) && tokenizer.TryGetSpecial(SpecialTokens.ToolCallEnd, out _);

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, SpecialTokens.ToolCallStart, calls, () => Body(tokenizer, calls));

    static GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        var tail = Text("}\n");
        var body = new LiteralNode(calls.Select(
            call => new LiteralAlternative(Head(call.Name), new SequenceNode(call.Arguments.Value, tail))));
        return Sequence(body, Mark(tokenizer, SpecialTokens.ToolCallEnd));
    }

    static byte[] Head(string name) => [.. "\n{\"name\": "u8, .. SchemaCompiler.Write(name), .. ", \"arguments\": "u8];
}
