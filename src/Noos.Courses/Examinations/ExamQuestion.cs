using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Examinations;

/// <summary>One question of an examination.</summary>
/// <param name="Group">The part of the examination that it counts for.</param>
/// <param name="Prompt">The conversation up to and including the question.</param>
/// <param name="Grader">Judges what was answered.</param>
public sealed record ExamQuestion(string Group, Conversation Prompt, IGrader Grader);
