using Noos.Core.Conversations;

namespace Noos.Courses.Examinations;

/// <summary>One question of an examination.</summary>
/// <param name="Group">The part of the examination that it counts for.</param>
/// <param name="Prompt">The conversation up to and including the question.</param>
/// <param name="ExpectedAnswer">The number that the answer must contain, or null when any fluent answer is right.</param>
/// <param name="ExpectsToolCall">Whether a tool must be called; if not, none may be.</param>
public sealed record ExamQuestion(string Group, Conversation Prompt, string? ExpectedAnswer, bool ExpectsToolCall)
{
    /// <summary>Words of which the answer must contain at least one, in any case; empty means none is required.</summary>
    public IReadOnlyList<string> MustMention { get; init; } = [];

    /// <summary>Grades a conversation that continues <see cref="Prompt"/>; null when it passes, else what is wrong.</summary>
    public string? FindFault(Conversation played)
    {
        ArgumentNullException.ThrowIfNull(played);
        var replies = played.Messages.Skip(Prompt.Messages.Count).Where(message => message.Role == Role.Assistant).ToList();
        return FindFault(
            replies.Count == 0 ? "" : replies[^1].Text(), [.. replies.SelectMany(reply => reply.Parts).OfType<ToolCallPart>()]);
    }

    /// <summary>Grades the last text of the assistant and the calls that led to it; null when they pass, else what is wrong.</summary>
    public string? FindFault(string answer, IReadOnlyList<ToolCallPart> calls)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(calls);
        if (ExpectsToolCall && calls.Count == 0)
        {
            return "no tool was called";
        }

        if (!ExpectsToolCall && calls.Count > 0)
        {
            return $"called {calls[0].Name} without need";
        }

        if (ExpectedAnswer is not null && !AnswerNumbers.Contains(answer, ExpectedAnswer))
        {
            return $"the answer does not contain {ExpectedAnswer}";
        }

        if (MustMention.Count > 0 && !MustMention.Any(word => answer.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            return $"the answer mentions none of: {string.Join(", ", MustMention)}";
        }

        return ExpectedAnswer is null ? Fluency.FindFault(answer) : null;
    }
}
