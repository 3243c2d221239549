using System.Text.Json;
using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// DeepSeek: <c>NAME&lt;｜tool▁sep｜&gt;{...}</c> since V3.1, before that <c>function&lt;｜tool▁sep｜&gt;NAME</c> and the arguments in a
/// fence of Markdown.
/// </summary>
/// <param name="isFenced">It is the older form.</param>
sealed class DeepSeekNotation(bool isFenced) : SectionedNotation(
    "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", Separator, "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", isFenced ? "\n" : "")
{
    const string Separator = "<｜tool▁sep｜>";
    const string Fence = "\n```json\n";
    const string FenceEnd = "\n```";

    public override string Name => "DeepSeek";

    public static ToolCallNotation? Recognize(string sample) => !sample.Contains(Separator, StringComparison.Ordinal) ? null
        : new DeepSeekNotation(sample.Contains(Fence, StringComparison.Ordinal));

    private protected override GrammarNode Inner(CallGrammar call, GrammarNode mark) => isFenced
        ? Sequence(Text("function"), mark, Text(call.Name + Fence), call.Arguments.Value, Text(FenceEnd))
        : Sequence(Text(call.Name), mark, call.Arguments.Value);

    private protected override CallPiece? Read(string before, string behind)
    {
        // Models of either form write the other now and then.
        var (name, json) = behind.IndexOf(Fence, StringComparison.Ordinal) is var fence and >= 0
            ? (behind[..fence], behind[(fence + Fence.Length)..].TrimEnd().TrimEnd('`'))
            : (before, behind);
        return name.Trim() is { Length: > 0 } trimmed && CallJson.Read(json) is { ValueKind: JsonValueKind.Object } arguments
            ? new CallPiece(trimmed, arguments)
            : null;
    }
}
