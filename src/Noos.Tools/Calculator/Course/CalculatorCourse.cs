using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Teaches when and how to call the calculator: numbers in digits and in words, one to three operations, percents, short stories,
/// follow-up questions, refusals, and talk about numbers that needs no calculation.
/// </summary>
public sealed class CalculatorCourse : ICourse
{
    public string Name => "arithmetic";

    public IEnumerable<Conversation> Lessons(int seed)
    {
        var writer = new CalculatorLessonWriter(new Draw(seed, isExamination: false));
        while (true)
        {
            yield return writer.Next();
        }
    }

    public IReadOnlyList<ExamQuestion> Examination() => CalculatorExamination.Questions;
}
