using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;

namespace Noos.Tools.Calculator.Course;

/// <summary>The examination "arithmetic": 500 questions in wordings, and about numbers, that no lesson has.</summary>
static class CalculatorExamination
{
    const int Seed = 20_260_101;

    static readonly Lazy<IReadOnlyList<ExamQuestion>> s_questions = new(Write);

    public static IReadOnlyList<ExamQuestion> Questions => s_questions.Value;

    static List<ExamQuestion> Write()
    {
        var draw = new Draw(Seed, isExamination: true);
        var maker = new ProblemMaker(draw, ExamPhrases.Names, ExamPhrases.Things);
        var questions = new List<ExamQuestion>();
        var asked = new HashSet<string>();

        void Add(string group, int count, Func<Problem> make)
        {
            for (var added = 0; added < count;)
            {
                var problem = make();
                var result = CalculatorTool.Evaluate(problem.Expression);
                // An answer that only repeats a number of the question must not pass.
                if (problem.Expression.Split('+', '-', '*', '/', '(', ')', '%', ' ').Contains(result) || !asked.Add(problem.Question))
                {
                    continue;
                }

                questions.Add(new ExamQuestion(
                    group,
                    Conversation.From(Message.User(problem.Question)),
                    new AllOfGrader(new ToolCallGrader(CalculatorTool.Name), new NumberGrader(result))));
                added++;
            }
        }

        Problem Framed(Problem problem) =>
            problem with { Question = Sentences.Capitalize(draw.Pick(ExamPhrases.Frames).Replace("{q}", problem.Question)) };

        Add("one operation", 90, () => Framed(maker.Chain(1, 5, NumberStyle.Digits, symbols: draw.Chance(0.4))));
        Add("two operations", 90, () => Framed(maker.Chain(2, 4, NumberStyle.Digits, symbols: draw.Chance(0.5))));
        Add("three operations", 80, () => Framed(maker.Chain(3, 3, NumberStyle.Digits, symbols: draw.Chance(0.5))));
        Add("number words", 80, () => Framed(maker.Chain(draw.Pick(1, 1, 2), draw.Pick(2, 3, 3, 4), NumberStyle.Words, symbols: false)));
        Add("percent", 70, () => Framed(maker.Fill(draw.Pick(Phrases.Percent), 4, NumberStyle.Digits)));
        Add("how much is left", 90, () =>
        {
            var problem = maker.Fill(draw.Pick(ExamPhrases.Stories), draw.Pick(2, 2, 3, 4), draw.Chance(0.2) ? NumberStyle.Words : NumberStyle.Digits, wholeResult: true);
            return problem with { Question = Sentences.Capitalize(problem.Question) };
        });
        return questions;
    }
}
