using Noos.Core.Conversations;

namespace Noos.Corpus.Preferences;

/// <summary>Answers to one prompt, and which of them are better than which: what a reward model learns from.</summary>
/// <param name="Prompt">All that was said up to the question, this included.</param>
/// <param name="Answers">In no order.</param>
/// <param name="Pairs">What was said about pairs of them; judgements may contradict each other.</param>
public sealed record PreferenceGroup(
    Conversation Prompt, IReadOnlyList<PreferenceAnswer> Answers, IReadOnlyList<Preference> Pairs);

/// <summary>One of several answers.</summary>
/// <param name="Messages">What the model made, calls and their results included.</param>
public sealed record PreferenceAnswer(IReadOnlyList<Message> Messages)
{
    /// <summary>Whether the turn was ended; one that ran into a limit was not.</summary>
    public bool IsEnded { get; init; } = true;

    /// <summary>What it is an example of, such as a defect, for reports; null where nobody knows.</summary>
    public string? Kind { get; init; }

    /// <summary>How good it truly is, where that is known; a training never sees it.</summary>
    public double? TrueScore { get; init; }

    /// <summary>All that the model said.</summary>
    public string Text => string.Concat(Messages.Where(message => message.Role == Role.Assistant).Select(message => message.Text()));
}

/// <summary>A judgement about two answers.</summary>
/// <param name="Better">Index of the better one.</param>
/// <param name="Worse">Index of the other.</param>
/// <param name="Weight">What it counts for.</param>
public readonly record struct Preference(int Better, int Worse, float Weight = 1);
