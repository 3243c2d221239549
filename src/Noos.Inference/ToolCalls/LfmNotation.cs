using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// LFM 2: calls of Python in a list, <c>&lt;|tool_call_start|&gt;[NAME(KEY="VALUE", KEY=3)]&lt;|tool_call_end|&gt;</c>. What is written
/// under the grammar has the arguments in the order of the schema and values in JSON, which for texts and numbers is Python too; any
/// literal of Python is read.
/// </summary>
sealed class LfmNotation : ToolCallNotation
{
    const string Opening = "<|tool_call_start|>";
    const string Closing = "<|tool_call_end|>";

    public override string Name => "LFM2";

    internal override IReadOnlyList<string> NeededTokens => [];

    internal override IReadOnlyList<string> CallTokens => [Opening];

    internal override IReadOnlyList<string> LayoutTokens =>
        [Closing, "<|tool_list_start|>", "<|tool_list_end|>", SpecialTokens.MessageStart];

    public static ToolCallNotation? Recognize(string sample) =>
        sample.Contains(Opening, StringComparison.Ordinal) ? new LfmNotation() : null;

    /// <summary>The vocabulary has the marks; the template of some of the family shows no calls.</summary>
    internal static bool HasTokens(Tokenizer tokenizer) => tokenizer.TryGetSpecial(Opening, out _);

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(
            tokenizer, new CallMarks(Opening, Closing, [], PythonCalls.Read), MarkedAnswerReader.OpensThought(promptEnd));

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, Opening, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, Opening, calls, () => Body(tokenizer, calls));

    static GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        var item = Choice(calls.Select(Call));
        var more = new RepeatNode(Sequence(Text(", "), item), 0, calls[0].IsAlone ? 0 : null);
        return Sequence(Text("["), item, more, Text("]"), Mark(tokenizer, Closing));
    }

    static GrammarNode Call(CallGrammar call)
    {
        // From the last parameter to the first: what may follow, where one stands before it and where none does.
        GrammarNode behind = Text(")");
        GrammarNode alone = behind;
        foreach (var parameter in call.Parameters.Value.Reverse())
        {
            var one = Sequence(Text(parameter.Name + "="), Value(parameter), behind);
            var next = Sequence(Text(", "), one);
            (alone, behind) = parameter.IsRequired ? (one, next) : (new ChoiceNode([one, alone]), new ChoiceNode([next, behind]));
        }

        return Sequence(Text(call.Name + "("), alone);
    }

    static GrammarNode Value(ParameterGrammar parameter)
    {
        var text = !parameter.MayBeText ? null
            : parameter.Texts is null ? new StringNode(parameter.MinLength, parameter.MaxLength)
            : Choice(parameter.Texts.Select(one => new LiteralNode(SchemaCompiler.Write(one))));
        return text is null ? parameter.Json! : parameter.Json is null ? text : new ChoiceNode([text, parameter.Json]);
    }
}
