using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer contains a number, in any notation: 1,781 and 1781.0 are the number 1781.</summary>
public sealed class NumberGrader(string number) : IGrader
{
    public string Expected => number;

    public string? FindFault(Conversation played) =>
        AnswerNumbers.Contains(ExamReply.From(played).Text, number) ? null : $"the answer does not contain {number}";
}
