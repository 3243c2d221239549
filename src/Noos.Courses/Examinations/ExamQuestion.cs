using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Examinations;

/// <summary>One question of an examination.</summary>
/// <param name="Group">The part of the examination that it counts for.</param>
/// <param name="Prompt">
/// The conversation up to and including the question; where it is about a tool's result, up to and including that.
/// </param>
/// <param name="Grader">Judges what was answered.</param>
public sealed record ExamQuestion(string Group, Conversation Prompt, IGrader Grader)
{
    /// <summary>
    /// The only tools that may be called, instead of those of the assistant; a call ends the answer. Null for the assistant's own.
    /// </summary>
    public IReadOnlyList<ToolDeclaration>? Tools { get; init; }

    /// <summary>What the user said last.</summary>
    public string Asked => Prompt.Messages.Last(message => message.Role == Role.User).Text();
}
