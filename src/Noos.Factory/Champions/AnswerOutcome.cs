using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;

namespace Noos.Factory.Champions;

/// <summary>What came of one answer, as the journal knows it.</summary>
/// <param name="Model">Who gave it.</param>
/// <param name="Time">When it ended.</param>
public sealed record AnswerOutcome(string Model, DateTimeOffset Time)
{
    /// <summary>It repeated itself and was cut back.</summary>
    public bool IsLoop { get; init; }

    /// <summary>A person found it bad, and has not taken that back.</summary>
    public bool IsBad { get; init; }

    /// <summary>A tool refused a call of it, or failed.</summary>
    public bool HasToolError { get; init; }

    /// <summary>The last answers of a journal that ended by themselves, in their order.</summary>
    /// <param name="journal">A journal that another program may write meanwhile.</param>
    /// <param name="maxEvents">So far back it is read.</param>
    public static IReadOnlyList<AnswerOutcome> Read(JournalReader journal, int maxEvents = 200_000)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var after = Math.Max(0, journal.Extent().LastEvent - maxEvents);
        var (open, done) = (new Dictionary<long, (string? Model, bool HasError)>(), new OrderedDictionary<long, AnswerOutcome>());
        foreach (var entry in journal.Outcomes(after))
        {
            var (model, hasError) = open.GetValueOrDefault(entry.Process);
            switch (entry.Event)
            {
                case RunBegan began:
                    open[entry.Process] = (began.Model, hasError);
                    break;
                case AnsweredElsewhere other:
                    open[entry.Process] = (other.To, hasError);
                    break;
                case CallEnded called:
                    open[entry.Process] = (model, hasError || called.Result.Parts.OfType<ToolResultPart>().Any(result => result.IsError));
                    break;
                case RunEnded { FinishReason: not null } ended when model is not null:
                    done[entry.Id] = new AnswerOutcome(model, entry.Time)
                    {
                        IsLoop = ended.StopReason == StopReasons.Loop,
                        HasToolError = hasError,
                    };
                    open.Remove(entry.Process);
                    break;
                case AnswerStopped or AnswerFailed:
                    open.Remove(entry.Process);
                    break;
                case FeedbackGiven judged when done.TryGetValue(judged.Answer, out var answer):
                    // The last one about an answer counts.
                    done[judged.Answer] = answer with { IsBad = judged.Verdict == FeedbackVerdict.Bad };
                    break;
                default:
                    break;
            }
        }

        return [.. done.Values];
    }
}
