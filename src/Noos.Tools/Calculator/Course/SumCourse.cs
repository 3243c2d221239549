using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>
/// Teaches the sums of every day, one or two steps in the words that people use: money, time, temperature, speed, sizes, comparisons, and
/// numbers below zero. Each lesson is one call. The examination has wordings of its own for each kind, and its numbers are reserved.
/// </summary>
public sealed class SumCourse : GeneratedCourse
{
    const int ExamSeed = 20_261_210;
    const int QuestionsPerKind = 40;

    public override string Name => "sums";

    public override IReadOnlyList<string> Tools => [CalculatorTool.Name];

    protected override IEnumerable<Conversation> Write(int seed)
    {
        var draw = new Draw(seed, isExamination: false);
        var maker = new ProblemMaker(draw, LessonWordings.Names, LessonWordings.Things);
        while (true)
        {
            var kind = draw.Pick(SumWordings.Kinds);
            var problem = kind.IsBelowZero ? BelowZero(draw, kind.Lessons) : Fill(draw, maker, draw.Pick(kind.Lessons));
            var result = CalculatorTool.CreateResult(problem.Expression);
            var answer = Sentences.Capitalize((problem.Sentence ?? "That is {r}.").Replace("{r}", result.Text));
            yield return Conversation.From(
                Message.User(Typing.Careless(draw, problem.Question)), Message.Assistant(CalculatorTool.CreateCall(problem.Expression)),
                Message.Tool(result), Message.Assistant(answer));
        }
    }

    protected override IReadOnlyList<ExamQuestion> WriteExamination()
    {
        var draw = new Draw(ExamSeed, isExamination: true);
        var maker = new ProblemMaker(draw, ExamPhrases.Names, ExamPhrases.Things);
        var questions = new List<ExamQuestion>();
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in SumWordings.Kinds)
        {
            for (var added = 0; added < QuestionsPerKind;)
            {
                var problem = kind.IsBelowZero ? BelowZero(draw, kind.Examination) : Fill(draw, maker, draw.Pick(kind.Examination));
                if (asked.Add(problem.Question))
                {
                    questions.Add(new ExamQuestion(
                        kind.Name, Conversation.From(Message.User(problem.Question)),
                        new AllOfGrader(new ToolCallGrader(CalculatorTool.Name),
                            new NumberGrader(CalculatorTool.Evaluate(problem.Expression)))));
                    added++;
                }
            }
        }

        return questions;
    }

    static Problem Fill(Draw draw, ProblemMaker maker, ProblemTemplate template)
    {
        while (true)
        {
            // The maker gives up with a plain sum where a template has no pleasant numbers.
            var problem = maker.Fill(template, draw.Pick(2, 2, 3), NumberStyle.Digits, wholeResult: true);
            if (problem.Question.Length > 20)
            {
                return problem with { Question = Sentences.Capitalize(problem.Question) };
            }
        }
    }

    /// <summary>Sums that begin below zero or end there: "-5 + 3" is no "5 + 3".</summary>
    static Problem BelowZero(Draw draw, IReadOnlyList<ProblemTemplate> templates)
    {
        var template = draw.Pick(templates);
        var (a, b) = (draw.Number(draw.IsExamination ? 21 : 2, 99), draw.Number(2, 99));
        return new Problem(
            Fill(template.Question), Fill(template.Expression), template.Sentence);

        string Fill(string text) => text.Replace("{a}", $"{a}").Replace("{b}", $"{b}");
    }
}
