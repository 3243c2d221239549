using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;

namespace Noos.Courses;

/// <summary>
/// A course whose lessons and examination are written by rules. The wordings of the examination are kept out of all lessons; who reserves
/// more than that overrides <see cref="GivesAway"/>. Thread-safe if the writing is.
/// </summary>
public abstract class GeneratedCourse : ICourse
{
    readonly Lazy<IReadOnlyList<ExamQuestion>> _examination;
    readonly Lazy<ExamWordings> _wordings;

    protected GeneratedCourse()
    {
        _examination = new(WriteExamination);
        _wordings = new(() => new ExamWordings(_examination.Value));
    }

    public abstract string Name { get; }

    public virtual IReadOnlyList<string> Tools => [];

    public IAsyncEnumerable<Conversation> Lessons(LessonContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return LessonSequence.From(Write(context.Seed), cancellationToken);
    }

    public IReadOnlyList<ExamQuestion> Examination() => _examination.Value;

    public virtual bool GivesAway(Conversation lesson) => _wordings.Value.AreIn(lesson);

    /// <summary>Endless lessons; the same seed gives the same.</summary>
    protected abstract IEnumerable<Conversation> Write(int seed);

    /// <summary>Called once.</summary>
    protected abstract IReadOnlyList<ExamQuestion> WriteExamination();
}
