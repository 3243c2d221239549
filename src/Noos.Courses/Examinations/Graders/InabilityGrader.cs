using System.Text.RegularExpressions;
using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer says that this cannot be done, in whatever words, or just does not.</summary>
/// <param name="isExpected">Whether it is to say so.</param>
public sealed partial class InabilityGrader(bool isExpected) : IGrader
{
    public string? FindFault(Conversation played)
    {
        var answer = ExamReply.From(played).Text;
        return answer.Trim().Length == 0 ? "the answer is empty"
            : InabilityPattern().IsMatch(answer) == isExpected ? null
            : isExpected ? "the answer does not say that it cannot be done"
            : "the answer says that it cannot be done";
    }

    [GeneratedRegex(
        @"\b(?:can(?:not|'t| not)|(?:am|'m) (?:not able|unable|not (?:good|big|large|clever) enough|too small)|unable to|"
        + @"do(?:n't| not) (?:know how|have)|(?:too|beyond) (?:hard|long|difficult|much|me)\b|no way to|not something I)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InabilityPattern();
}
