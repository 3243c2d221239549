using Noos.Core.Conversations;

namespace Noos.Courses.Experts;

/// <summary>An answer to be judged, written on purpose or sampled from a model.</summary>
/// <param name="Text">What was said.</param>
/// <param name="IsEnded">Whether the turn was ended; one that ran into a limit was not.</param>
public sealed record ExpertAnswer(string Text, bool IsEnded = true)
{
    /// <summary>The tools that it calls; a call that a text merely spells is none.</summary>
    public IReadOnlyList<ToolCallPart> Calls { get; init; } = [];

    /// <summary>What was done to it; null where nobody knows, as with what a model said.</summary>
    public AnswerDefect? Defect { get; init; }
}
