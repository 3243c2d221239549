using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;

namespace Noos.Server.Answers;

/// <summary>A complete answer, as every API tells it.</summary>
/// <param name="Text">All that was said.</param>
/// <param name="Thoughts">All that was thought.</param>
/// <param name="Calls">What the caller is to run; empty where the tools of the server have run.</param>
sealed record AnswerSummary(string Text, string Thoughts, IReadOnlyList<ToolCallEvent> Calls)
{
    /// <summary>Who answered, where that is another than was asked.</summary>
    public string? OtherModel { get; init; }

    public string FinishReason { get; init; } = FinishReasons.Stop;

    /// <inheritdoc cref="ModelRunEvent.StopReason"/>
    public string? StopReason { get; init; }

    /// <inheritdoc cref="ModelRunEvent.StopSequence"/>
    public string? StopSequence { get; init; }

    public IReadOnlyList<ScoredToken> Scores { get; init; } = [];

    /// <summary>Who gave some answers: the last of those who answered for another, else who was asked.</summary>
    public static string FindModel(IEnumerable<AnswerSummary> summaries, Answer answer) =>
        summaries.Select(summary => summary.OtherModel).LastOrDefault(other => other is not null) ?? answer.Model;

    /// <param name="trace">All that happened.</param>
    /// <param name="usesServerTools">The calls were run here.</param>
    public static AnswerSummary From(Trace trace, bool usesServerTools)
    {
        var last = trace.Events.OfType<ModelRunEvent>().LastOrDefault();
        return new AnswerSummary(
            string.Concat(trace.Events.OfType<TextEvent>().Select(item => item.Text)),
            string.Concat(trace.Events.OfType<ThoughtEvent>().Select(item => item.Text)),
            usesServerTools ? [] : trace.Calls)
        {
            OtherModel = trace.Events.OfType<FailoverEvent>().LastOrDefault()?.To,
            FinishReason = last?.FinishReason ?? FinishReasons.Stop,
            StopReason = last?.StopReason,
            StopSequence = last?.StopSequence,
            Scores = [.. trace.Events.OfType<ScoresEvent>().SelectMany(item => item.Tokens)],
        };
    }
}
