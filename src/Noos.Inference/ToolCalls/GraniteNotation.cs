using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Granite 3: <c>&lt;|tool_call|&gt;[{"name": ..., "arguments": {...}}]</c> to the end of the answer. Its template shows no calls, so that
/// the token alone tells. (Granite 4 writes calls as Hermes does.)
/// </summary>
sealed class GraniteNotation : ToolCallNotation
{
    const string Opening = "<|tool_call|>";

    public override string Name => "Granite";

    internal override IReadOnlyList<string> NeededTokens => [Opening];

    internal override IReadOnlyList<string> CallTokens => [Opening];

    internal override IReadOnlyList<string> LayoutTokens => ["<|start_of_role|>", "<|end_of_role|>"];

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains(Opening, StringComparison.Ordinal) ? new GraniteNotation() : null;

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(
            tokenizer, new CallMarks(Opening, null, [], inner => CallJson.ReadList(inner, "arguments")),
            MarkedAnswerReader.OpensThought(promptEnd));

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, Opening, calls, () => Body(calls));

    static GrammarNode Body(IReadOnlyList<CallGrammar> calls)
    {
        var item = new LiteralNode(calls.Select(call => new LiteralAlternative(
            [.. "{\"name\": "u8, .. SchemaCompiler.Write(call.Name), .. ", \"arguments\": "u8],
            Sequence(call.Arguments.Value, Text("}")))));
        return Sequence(Text("["), item, new RepeatNode(Sequence(Text(", "), item), 0, calls[0].IsAlone ? 0 : null), Text("]"));
    }
}
