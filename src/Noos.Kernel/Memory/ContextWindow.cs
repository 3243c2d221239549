using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;

namespace Noos.Kernel.Memory;

/// <summary>
/// Makes a conversation fit a context: decides which of its pages (the parts of its messages) the model is shown. Where it is too long, in
/// this order: pages larger than half of the limit are cut in their middle; the oldest turns go; in the turn under way the oldest results
/// of tools become stubs, then the oldest rounds of calls go; at last what is left is cut. System messages and pinned pages always stay,
/// and a call is never parted from its result.
/// </summary>
/// <remarks>
/// What goes is a pure function of the conversation and goes in steps of a third of the limit, counted from the beginning. So the
/// conversation with one turn more loses the same until the rest no longer fits, and what the model has read of it stays readable; that
/// holds for whoever sends the whole conversation each time, too. A few renderings find the step, however long the conversation is: token
/// counts of the pages guess it and the renderings decide. Not thread-safe.
/// </remarks>
/// <param name="render">The tokens of a conversation.</param>
/// <param name="count">About how many tokens a part takes; called once for each part.</param>
/// <param name="limit">Tokens that the result may have, so that there is room for an answer.</param>
/// <param name="max">Tokens that it may have where nothing can be paged out, or nothing may be; at least the limit.</param>
public sealed class ContextWindow(Func<Conversation, int[]> render, Func<Part, int> count, int limit, int max)
{
    // Steps in a limit. Two thirds of it are left after a step, so that a third is free for the turns to come.
    const int Steps = 3;

    // Rounds of calls in the turn under way go so many at a time.
    const int RoundStep = 8;

    const int MiddleTrial = 6;

    // Smaller pieces of a page than this say nothing.
    const int MinPiece = 32;

    /// <summary>Whether anything may be paged out.</summary>
    public Truncation Truncation { get; init; } = Truncation.Auto;

    /// <summary>What a person has decided, by the number of the page.</summary>
    public IReadOnlyDictionary<int, PageMark> Marks { get; init; } = new Dictionary<int, PageMark>();

    /// <summary>What may stand for turns that went.</summary>
    public IReadOnlyList<ContextSummary> Summaries { get; init; } = [];

    /// <summary>Stubs may say that <c>recall</c> brings back what they stand for.</summary>
    public bool CanRecall { get; init; }

    /// <summary>The conversation with nothing paged out but what a person has dropped; null where that does not fit.</summary>
    public FittedContext? TryFitWhole(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var plan = new ContextPlan(conversation, count, Marks, CanRecall, Summaries);

        // Counts are close enough to know that twice the room is not enough.
        return plan.Estimate(PageLevel.Whole) > 2L * max ? null : FitWhole(plan);
    }

    /// <summary>The longest part of the conversation that fits.</summary>
    /// <exception cref="NoosException">
    /// It is too long, what must stay alone where pages may go; its code is <see cref="NoosException.ContextLengthExceeded"/>.
    /// </exception>
    public FittedContext Fit(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var plan = new ContextPlan(conversation, count, Marks, CanRecall, Summaries);
        if (Truncation == Truncation.Disabled)
        {
            return FitWhole(plan) ?? throw TooLong(plan.Render(PageLevel.Whole, render).Length);
        }

        var levels = Levels(plan);
        var rendered = new Dictionary<int, int[]>();

        // Between the last level that is known not to fit and the first that is. The guess is near, and most often two renderings are
        // enough: a level, and the one before it that does not fit. Now and then the middle is tried, so that no guess is too bad.
        var (tooLong, fitting) = (-1, levels.Count);
        var (estimate, length, slope) = (0.0, 0.0, 1.0);
        var index = Guess();
        for (var trial = 1; fitting - tooLong > 1; trial++)
        {
            index = Math.Clamp(index, tooLong + 1, fitting - 1);
            Learn(plan.Estimate(levels[index]), Render(index).Length);
            if (Fits(index))
            {
                (fitting, index) = (index, index - 1);
            }
            else
            {
                (tooLong, index) = (index, index + 1);
            }

            index = trial % MiddleTrial == 0 ? (tooLong + fitting) / 2
                : Guess() is var next && next > tooLong && next < fitting ? next
                : index;
        }

        index = Math.Min(fitting, levels.Count - 1);
        var tokens = Render(index);
        return tokens.Length <= max ? plan.Complete(levels[index], tokens) : throw TooLong(tokens.Length);

        // Counts leave out the layout and some of the markup: a line through the last two renderings tells what is to be added.
        void Learn(double newEstimate, double newLength)
        {
            slope = length > 0 && newEstimate != estimate ? Math.Max(0.1, (newLength - length) / (newEstimate - estimate)) : slope;
            (estimate, length) = (newEstimate, newLength);
        }

        int Guess()
        {
            var (low, high) = (0, levels.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = length + ((plan.Estimate(levels[middle]) - estimate) * slope) <= limit ? (low, middle) : (middle + 1, high);
            }

            return low;
        }

        int[] Render(int level) =>
            rendered.TryGetValue(level, out var known) ? known : rendered[level] = plan.Render(levels[level], render);

        // A question that leaves little room for its answer is better than half a question.
        bool Fits(int level) => Render(level).Length <= (levels[level].HasWholeQuestion && IsLastWhole(level) ? max : limit);

        bool IsLastWhole(int level) => level + 1 == levels.Count || !levels[level + 1].HasWholeQuestion;
    }

    FittedContext? FitWhole(ContextPlan plan)
    {
        var tokens = plan.Render(PageLevel.Whole, render);
        return tokens.Length <= (Truncation == Truncation.Disabled ? max : limit) ? plan.Complete(PageLevel.Whole, tokens) : null;
    }

    /// <summary>All there is to try, each with fewer tokens than the one before.</summary>
    List<PageLevel> Levels(ContextPlan plan)
    {
        var step = Math.Max(1, limit / Steps);
        var half = Math.Max(MinPiece, limit / 2);
        var levels = new List<PageLevel> { PageLevel.Whole };

        // A turn goes whole, so its first page decides with which step.
        var before = 0L;
        var due = (long)step;
        for (var turn = 0; turn < plan.Turns; turn++)
        {
            // Before the first step only what is too large for any is cut.
            if (turn == 0 ? plan.HasLarger(half) : before >= due || turn == plan.Turns - 1)
            {
                levels.Add(new PageLevel(turn, 0, 0, half) { HasWholeQuestion = true });
                due = ((before / step) + 1) * step;
            }

            before += plan.TokensOfTurn(turn);
        }

        var last = plan.Turns - 1;
        (before, due) = (0, step);
        var stubs = 0;
        foreach (var page in plan.OldResults)
        {
            before += page.Tokens;
            stubs = page.Number;
            if (before >= due || page == plan.OldResults[^1])
            {
                levels.Add(new PageLevel(last, stubs, 0, half) { HasWholeQuestion = true });
                due = ((before / step) + 1) * step;
            }
        }

        var rounds = 0;
        while (rounds < plan.OldRounds)
        {
            rounds = Math.Min(rounds + RoundStep, plan.OldRounds);
            levels.Add(new PageLevel(last, stubs, rounds, half) { HasWholeQuestion = true });
        }

        for (var piece = half; piece >= MinPiece; piece /= 2)
        {
            levels.Add(new PageLevel(last, stubs, rounds, piece));
        }

        return levels;
    }

    NoosException TooLong(int tokens) => new(
        $"The conversation has {tokens} tokens but the model reads at most {max}; shorten it, allow a longer context, or "
        + "choose a model with a longer one.")
    {
        Code = NoosException.ContextLengthExceeded,
        Parameter = "messages",
    };
}
