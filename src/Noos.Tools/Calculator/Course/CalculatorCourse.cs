using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Teaches when and how to call the calculator: numbers in digits and in words, one to three operations, percents, short stories,
/// follow-up questions, refusals, and talk about numbers that needs no calculation.
/// </summary>
public sealed partial class CalculatorCourse : ICourse
{
    static readonly Lazy<ExamWordings> s_wordings = new(() => new(CalculatorExamination.Questions));

    public string Name => "arithmetic";

    public IReadOnlyList<string> Tools => ["calculator"];

    public IAsyncEnumerable<Conversation> Lessons(LessonContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return LessonSequence.From(Write(context.Seed), cancellationToken);
    }

    public IReadOnlyList<ExamQuestion> Examination() => CalculatorExamination.Questions;

    /// <summary>The wordings of the examination, and calculations with the numbers that are reserved for it.</summary>
    public bool GivesAway(Conversation lesson)
    {
        ArgumentNullException.ThrowIfNull(lesson);
        return s_wordings.Value.AreIn(lesson) || CalculatesReserved(lesson);
    }

    static IEnumerable<Conversation> Write(int seed)
    {
        var writer = new CalculatorLessonWriter(new Draw(seed, isExamination: false));
        while (true)
        {
            yield return writer.Next();
        }
    }

    // The first call alone: later ones go on with results, which may be any number. A year in a call of another tool is no sum.
    static bool CalculatesReserved(Conversation lesson) =>
        lesson.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().FirstOrDefault()
            is { Name: CalculatorTool.Name } call
        && NumberPattern().Matches(call.Arguments.GetRawText())
            .Any(match => long.TryParse(match.Value, out var number) && ReservedNumbers.Contains(number));

    // Whole numbers only; the exponents of the refused powers are not drawn.
    [GeneratedRegex(@"(?<![\d.^])\d{1,15}(?![\d.!])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberPattern();
}
