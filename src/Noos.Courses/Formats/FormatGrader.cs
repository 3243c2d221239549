using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Courses.Formats;

/// <summary>The answer keeps to rules of form.</summary>
public sealed class FormatGrader(params IReadOnlyList<FormatRule> rules) : IGrader
{
    public IReadOnlyList<FormatRule> Rules => rules;

    public string? FindFault(Conversation played)
    {
        var answer = ExamReply.From(played).Text;
        return rules.FirstOrDefault(rule => !rule.Holds(answer)) is { } broken ? $"it does not hold that the answer {broken.Demand}" : null;
    }
}
