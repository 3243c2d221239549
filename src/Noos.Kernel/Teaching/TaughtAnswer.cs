using System.Text.Json.Serialization;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Teaching;

/// <summary>What a person has taught about one answer, with the conversation in which it was given.</summary>
/// <param name="Event">That of the judgement.</param>
/// <param name="Answer">The event with which the answer ended.</param>
/// <param name="Process">Its conversation.</param>
/// <param name="Time">When the person said so last.</param>
/// <param name="Feedback">What was said.</param>
public sealed record TaughtAnswer(long Event, long Answer, long Process, DateTimeOffset Time, FeedbackGiven Feedback)
{
    /// <summary>What the conversation is called; null where it has no name.</summary>
    public string? Title { get; init; }

    /// <summary>All that was said up to the question, this included.</summary>
    public required IReadOnlyList<Message> Prompt { get; init; }

    /// <summary>What the model made of it, calls and their results included; nothing where the answer failed.</summary>
    public required IReadOnlyList<Message> Messages { get; init; }

    /// <summary>The answers that were compared, the best first; nothing where none were.</summary>
    public IReadOnlyList<RankedAnswer> Ranking { get; init; } = [];

    /// <summary>The least trusted origin of all that the model had read when it answered; null where all of it is trusted.</summary>
    public Origin? Taint => ForeignText.FindTaint([.. Prompt, .. Messages]);

    /// <summary>A person holds it up as an example, and yet no model learns it: it has, or repeats, what others wrote.</summary>
    public bool IsHeldBack => Shown is { } shown && !MayBeLearned(shown);

    /// <summary>The answer to learn: the ideal one, or this where it was found good; null for none, or where it is held back.</summary>
    [JsonIgnore]
    public IReadOnlyList<Message>? Demonstration => Shown is { } shown && MayBeLearned(shown) ? shown : null;

    IReadOnlyList<Message>? Shown => Prompt.Count == 0 ? null
        : Feedback.Ideal is { } ideal ? [Message.Assistant(ideal)]
        : Feedback.Verdict == FeedbackVerdict.Good && Text.Length > 0 ? Messages
        : null;

    /// <summary>The question as it was typed, without what tools and files put before it.</summary>
    public string Question => Prompt.Count == 0 ? "" : string.Join('\n', Prompt[^1].Parts.OfType<TextPart>()
        .Where(part => part.Origin is null or Origin.Person or Origin.Model).Select(part => part.Text)).Trim();

    /// <summary>All that the model said, without its calls.</summary>
    public string Text => TextOf(Messages);

    /// <summary>
    /// Whether an answer to this question may be learned: nothing in it, or before it, was written by others, and it repeats no passage of
    /// what the model has read of them.
    /// </summary>
    internal bool MayBeLearned(IReadOnlyList<Message> answer) =>
        ForeignText.FindTaint([.. Prompt, .. answer]) is null && !ForeignText.IsQuoted(TextOf(answer), Messages);

    internal static string TextOf(IEnumerable<Message> messages) => string.Join(
        "\n\n", messages.Where(message => message.Role == Role.Assistant).Select(message => message.Text().Trim())
            .Where(text => text.Length > 0));
}

/// <summary>One of several answers that were compared.</summary>
/// <param name="Answer">The event with which it ended.</param>
/// <param name="Place">From 1 on; those that were put in no order share the last.</param>
/// <param name="Messages">What the model made.</param>
public sealed record RankedAnswer(long Answer, int Place, IReadOnlyList<Message> Messages)
{
    /// <summary>All that the model said, without its calls.</summary>
    public string Text => TaughtAnswer.TextOf(Messages);
}
