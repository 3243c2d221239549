using Noos.Core.Conversations;
using Noos.Courses.Examinations;

namespace Noos.Courses;

/// <summary>What the model is taught about one subject, and the examination that shows whether it has learnt it.</summary>
public interface ICourse
{
    string Name { get; }

    /// <summary>Endless; the same seed gives the same conversations. No lesson uses a wording of the examination.</summary>
    IEnumerable<Conversation> Lessons(int seed);

    /// <summary>Always the same questions.</summary>
    IReadOnlyList<ExamQuestion> Examination();
}
