using Noos.Core.Conversations;

namespace Noos.Courses.Examinations;

/// <summary>Keeps examinations out of the training data, whichever course they belong to. Thread-safe if the courses are.</summary>
public sealed class ExamGuard(IEnumerable<ICourse> courses)
{
    readonly ICourse[] _courses = [.. courses];

    /// <summary>Whether a conversation gives away something of an examination, so that it must not be trained on.</summary>
    public bool Forbids(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Array.Exists(_courses, course => course.GivesAway(conversation));
    }
}
