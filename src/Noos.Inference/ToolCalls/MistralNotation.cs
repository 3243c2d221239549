using System.Text.Json;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Mistral's: a list, <c>[TOOL_CALLS][{"name": ..., "arguments": {...}, "id": "..."}]</c>, and since 2025 one by one,
/// <c>[TOOL_CALLS]NAME[ARGS]{...}</c>, some with <c>[CALL_ID]</c> between.
/// </summary>
sealed class MistralNotation(bool isList, bool hasId) : ToolCallNotation
{
    const string Opening = "[TOOL_CALLS]";
    const string Arguments = "[ARGS]";
    const string Id = "[CALL_ID]";
    const int IdLength = 9;

    public override string Name => "Mistral";

    internal override IReadOnlyList<string> NeededTokens => [];

    internal override IReadOnlyList<string> CallTokens => [Opening];

    internal override IReadOnlyList<string> LayoutTokens => [Arguments, Id, "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[INST]", "[/INST]"];

    public static ToolCallNotation? Recognize(string sample) => sample.Contains(Opening, StringComparison.Ordinal)
        ? new MistralNotation(!sample.Contains(Arguments, StringComparison.Ordinal), sample.Contains(Id, StringComparison.Ordinal))
        : null;

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(tokenizer, new CallMarks(Opening, null, [Arguments, Id], Read), MarkedAnswerReader.OpensThought(promptEnd));

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, Opening, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, Opening, calls, () => Body(tokenizer, calls));

    GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        var id = new RepeatNode(new CharacterNode(CodePointSet.Create([('0', '9'), ('A', 'Z'), ('a', 'z')])), IdLength, IdLength);
        if (!isList)
        {
            var idPart = hasId ? Sequence(Mark(tokenizer, Id), id) : new EmptyNode();
            return Choice(calls.Select(call => Sequence(Text(call.Name), idPart, Mark(tokenizer, Arguments), call.Arguments.Value)));
        }

        var item = new LiteralNode(calls.Select(call => new LiteralAlternative(
            [.. "{\"name\": "u8, .. SchemaCompiler.Write(call.Name), .. ", \"arguments\": "u8],
            Sequence(call.Arguments.Value, Text(", \"id\": \""), id, Text("\"}")))));
        return Sequence(Text("["), item, new RepeatNode(Sequence(Text(", "), item), 0, calls[0].IsAlone ? 0 : null), Text("]"));
    }

    static IReadOnlyList<CallPiece> Read(string inner)
    {
        inner = inner.Trim();
        if (inner.StartsWith('['))
        {
            return CallJson.ReadList(inner, "arguments");
        }

        var json = inner.IndexOf('{', StringComparison.Ordinal);
        if (json < 0 || CallJson.ReadFirst(inner[json..]) is not { ValueKind: JsonValueKind.Object } arguments)
        {
            return [];
        }

        var head = inner[..json];
        var end = head.IndexOf(Id, StringComparison.Ordinal) is var id and >= 0 ? id : head.IndexOf(Arguments, StringComparison.Ordinal);
        var name = (end < 0 ? head : head[..end]).Trim();
        return name.Length == 0 ? [] : [new CallPiece(name, arguments)];
    }
}
