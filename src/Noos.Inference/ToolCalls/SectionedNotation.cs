using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>Calls that stand together between two marks, each between two marks of its own (Kimi, DeepSeek).</summary>
/// <param name="start">Opens the section.</param>
/// <param name="callStart">Opens a call.</param>
/// <param name="separator">Stands before the arguments, or before the name.</param>
/// <param name="callEnd">Closes a call.</param>
/// <param name="end">Closes the section.</param>
/// <param name="between">Text between two calls.</param>
abstract class SectionedNotation(string start, string callStart, string separator, string callEnd, string end, string between)
    : ToolCallNotation
{
    internal override IReadOnlyList<string> NeededTokens => [];

    internal override IReadOnlyList<string> CallTokens => [start];

    internal override IReadOnlyList<string> LayoutTokens => [callStart, separator, callEnd, end];

    public override AnswerReader CreateReader(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, string promptEnd = "") =>
        new MarkedAnswerReader(
            tokenizer, new CallMarks(start, end, [callStart, separator, callEnd], Read), MarkedAnswerReader.OpensThought(promptEnd));

    internal override IEnumerable<CallOpening> Openings(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByToken(tokenizer, start, calls, () => Body(tokenizer, calls));

    internal override CallStart? Start(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls) =>
        OpenByText(tokenizer, start, calls, () => Body(tokenizer, calls));

    /// <summary>What stands between the marks of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="mark">The separator.</param>
    private protected abstract GrammarNode Inner(CallGrammar call, GrammarNode mark);

    /// <summary>Reads what stands before and behind the separator; null where it is no call.</summary>
    private protected abstract CallPiece? Read(string before, string behind);

    GrammarNode Body(Tokenizer tokenizer, IReadOnlyList<CallGrammar> calls)
    {
        var separating = Mark(tokenizer, separator);
        var item = Sequence(
            Mark(tokenizer, callStart), Choice(calls.Select(call => Inner(call, separating))), Mark(tokenizer, callEnd));
        var more = new RepeatNode(between.Length == 0 ? item : Sequence(Text(between), item), 0, calls[0].IsAlone ? 0 : null);
        return Sequence(item, more, Mark(tokenizer, end));
    }

    List<CallPiece> Read(string section)
    {
        var calls = new List<CallPiece>();
        for (var from = 0; section.IndexOf(callStart, from, StringComparison.Ordinal) is var found and >= 0;)
        {
            var begin = found + callStart.Length;
            var close = section.IndexOf(callEnd, begin, StringComparison.Ordinal);
            var middle = close < 0 ? -1 : section.IndexOf(separator, begin, close - begin, StringComparison.Ordinal);
            if (middle < 0 || Read(section[begin..middle], section[(middle + separator.Length)..close]) is not { } call)
            {
                // One that cannot be read leaves all as text: nothing is called by mistake.
                return [];
            }

            calls.Add(call);
            from = close + callEnd.Length;
        }

        return calls;
    }
}
