using System.Collections.Frozen;
using Noos.Core.Conversations;
using Noos.Courses.Lessons;

namespace Noos.Courses.Examinations;

/// <summary>
/// The wordings of an examination's questions, whatever numbers they ask about: what every course keeps out of its lessons.
/// </summary>
public sealed class ExamWordings(IEnumerable<ExamQuestion> questions)
{
    readonly FrozenSet<string> _skeletons =
        questions.Select(question => Sentences.Skeleton(question.Asked)).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether somebody asks a question of the examination in a conversation.</summary>
    public bool AreIn(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return conversation.Messages.Any(message => message.Role == Role.User && _skeletons.Contains(Sentences.Skeleton(message.Text())));
    }
}
