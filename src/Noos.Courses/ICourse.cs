using Noos.Core.Conversations;
using Noos.Courses.Examinations;

namespace Noos.Courses;

/// <summary>What the model is taught about one subject, and the examination that shows whether it has learnt it.</summary>
public interface ICourse
{
    string Name { get; }

    /// <summary>The tools whose use it teaches.</summary>
    IReadOnlyList<string> Tools => [];

    /// <summary>Endless; the same context gives the same conversations. No lesson gives away anything of the examination.</summary>
    IAsyncEnumerable<Conversation> Lessons(LessonContext context, CancellationToken cancellationToken = default);

    /// <summary>Always the same questions.</summary>
    IReadOnlyList<ExamQuestion> Examination();

    /// <summary>
    /// Whether a conversation, of this course or from anywhere else, shows what only the examination may ask, so that a model that was
    /// trained on it could answer from memory.
    /// </summary>
    bool GivesAway(Conversation lesson);
}
