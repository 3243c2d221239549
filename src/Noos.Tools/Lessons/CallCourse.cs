using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;

namespace Noos.Tools.Lessons;

/// <summary>
/// A course of requests, each with the right call, its true result and the answer, or with the answer alone where no call is needed. The
/// examination asks for the call.
/// </summary>
public abstract class CallCourse : GeneratedCourse
{
    // Groups are drawn by chance; a group that does not fill up in so many draws is a fault of the course.
    const int MaxDraws = 50_000;

    private protected abstract int ExamSeed { get; }

    /// <summary>The parts of the examination, and how many questions each has.</summary>
    private protected abstract IReadOnlyDictionary<string, int> ExamGroups { get; }

    /// <summary>Endless lessons; the same seed gives the same.</summary>
    internal abstract IEnumerable<CallLesson> WriteLessons(int seed, bool isExamination);

    /// <summary>What judges a call; equal arguments if not overridden.</summary>
    internal virtual IGrader GraderFor(CallLesson lesson) => lesson.Call is { } call
        ? ToolCallGrader.WithArguments(call.Name, call.Arguments)
        : new NoCallGrader();

    protected override IEnumerable<Conversation> Write(int seed) =>
        WriteLessons(seed, isExamination: false).Select(lesson => lesson.ToConversation());

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var left = new Dictionary<string, int>(ExamGroups, StringComparer.Ordinal);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var questions = new List<ExamQuestion>();
        foreach (var lesson in WriteLessons(ExamSeed, isExamination: true).Take(MaxDraws))
        {
            if (left[lesson.Group] > 0 && asked.Add(string.Concat(lesson.Prompt.Messages.Select(message => message.Text()))))
            {
                left[lesson.Group]--;
                questions.Add(new ExamQuestion(lesson.Group, lesson.Prompt, GraderFor(lesson)));
                if (left.Values.All(count => count == 0))
                {
                    return [.. questions.OrderBy(question => question.Group, StringComparer.Ordinal)];
                }
            }
        }

        throw new InvalidOperationException($"The course {Name} does not fill its examination.");
    }
}
