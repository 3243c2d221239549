using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>Judges the answer to one exam question. Immutable and thread-safe.</summary>
public interface IGrader
{
    /// <summary>What a right answer holds, for reports; null where there is nothing short to say.</summary>
    string? Expected => null;

    /// <summary>What is wrong with the answer, in a few words; null when it passes.</summary>
    /// <param name="played">The question, followed by what the assistant said and did (<see cref="ExamReply"/>).</param>
    string? FindFault(Conversation played);
}
