using Noos.Core.Conversations;

namespace Noos.Courses.Examinations.Graders;

/// <summary>The answer contains at least one of some words, in any case.</summary>
public sealed class MentionGrader(params IReadOnlyList<string> words) : IGrader
{
    public IReadOnlyList<string> Words => words;

    public string? FindFault(Conversation played)
    {
        var text = ExamReply.From(played).Text;
        return words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? null
            : $"the answer mentions none of: {string.Join(", ", words)}";
    }
}
