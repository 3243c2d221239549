using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Tools.Calculator;
using Noos.Tools.Calculator.Course;

namespace Noos.Tools.Tests.Calculator;

public sealed partial class CalculatorCourseTests
{
    const int Sample = 10_000;
    static readonly CalculatorCourse s_course = new();
    static readonly Lazy<Task<List<Conversation>>> s_lessons = new(() => LessonsAsync(1, Sample));

    [Fact]
    public async Task Lessons_same_seed_same_conversations()
    {
        Assert.Equal(await LessonsAsync(5, 200), await LessonsAsync(5, 200));
        Assert.NotEqual(await LessonsAsync(5, 200), await LessonsAsync(6, 200));
    }

    [Fact]
    public async Task Lessons_are_varied()
    {
        var questions = (await s_lessons.Value).Select(lesson => lesson.Messages[0].Text()).ToList();
        Assert.True(questions.Distinct().Count() > Sample * 0.9);
        Assert.True(questions.Select(Sentences.Skeleton).Distinct().Count() > 3_000);
    }

    [Fact]
    public async Task Lessons_every_call_has_its_result_and_the_answer_contains_it()
    {
        foreach (var lesson in (await s_lessons.Value))
        {
            for (var index = 0; index < lesson.Messages.Count; index++)
            {
                if (lesson.Messages[index].Parts is not [ToolCallPart call])
                {
                    continue;
                }

                var expression = call.Arguments.GetProperty("expression").GetString()!;
                var result = Assert.IsType<ToolResultPart>(Assert.Single(lesson.Messages[index + 1].Parts));
                Assert.Equal(CalculatorTool.CreateResult(expression), result);
                var answer = lesson.Messages[index + 2];
                Assert.Equal(Role.Assistant, answer.Role);
                if (!result.IsError)
                {
                    Assert.Contains(result.Text, answer.Text(), StringComparison.OrdinalIgnoreCase);
                }
            }
        }
    }

    [Fact]
    public async Task Lessons_take_turns_and_stay_short()
    {
        foreach (var lesson in (await s_lessons.Value))
        {
            Assert.Equal(Role.User, lesson.Messages[0].Role);
            Assert.Equal(Role.Assistant, lesson.Messages[^1].Role);
            Assert.DoesNotContain(lesson.Messages, message => message.Text().Contains('{'));
            Assert.InRange(lesson.Messages.Sum(message => message.Text().Length), 2, 1400);
        }
    }

    [Fact]
    public async Task Lessons_also_teach_refusals_and_silence()
    {
        var lessons = (await s_lessons.Value);
        Assert.InRange(lessons.Count(lesson => lesson.Messages.All(message => !message.Parts.OfType<ToolCallPart>().Any())), Sample * 0.04,
            Sample * 0.12);
        Assert.InRange(
            lessons.Count(lesson =>
                lesson.Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>().Any(result => result.IsError)),
            Sample * 0.01, Sample * 0.05);
    }

    [Fact]
    public void Lessons_come_to_every_short_number_word()
    {
        var draw = new Draw(3, isExamination: false);
        var seen = Enumerable.Range(0, 900).Select(_ => draw.NextWithDigits(3)).ToHashSet();
        Assert.All(Enumerable.Range(100, 900), number => Assert.NotEqual(ReservedNumbers.Contains(number), seen.Contains(number)));
    }

    [Fact]
    public void Examination_has_five_hundred_different_questions()
    {
        var questions = s_course.Examination();
        Assert.Equal(500, questions.Count);
        Assert.Equal(500, questions.Select(question => question.Prompt.Messages[0].Text()).Distinct().Count());
        Assert.Equal(6, questions.Select(question => question.Group).Distinct().Count());
        Assert.All(questions, question =>
        {
            var graders = Assert.IsType<AllOfGrader>(question.Grader).Graders;
            Assert.Equal("calculator", Assert.IsType<ToolCallGrader>(graders[0]).Tool);
            Assert.Equal(question.Grader.Expected, Assert.IsType<NumberGrader>(graders[1]).Expected);
        });
    }

    [Fact]
    public async Task Examination_wordings_are_in_no_lesson()
    {
        Assert.Empty(ExamPhrases.Frames.Intersect(LessonWordings.Frames));
        Assert.Empty(ExamPhrases.Stories.Select(template => template.Question)
            .Intersect(LessonWordings.Stories.Select(template => template.Question)));
        Assert.Empty(ExamPhrases.Names.Intersect(LessonWordings.Names));
        Assert.Empty(ExamPhrases.Things.Intersect(LessonWordings.Things));

        var taught = (await s_lessons.Value).SelectMany(lesson => lesson.Messages)
            .Where(message => message.Role == Role.User).Select(message => Wording(message.Text())).ToHashSet();
        Assert.All(s_course.Examination(), question => Assert.DoesNotContain(Wording(question.Prompt.Messages[^1].Text()), taught));
    }

    /// <summary>The sentence alone, whoever and whatever it is about.</summary>
    static string Wording(string text)
    {
        foreach (var name in ExamPhrases.Names.Concat(LessonWordings.Names))
        {
            text = text.Replace(name, "somebody", StringComparison.OrdinalIgnoreCase);
        }

        foreach (var thing in ExamPhrases.Things.Concat(LessonWordings.Things))
        {
            text = text.Replace(thing, "things", StringComparison.OrdinalIgnoreCase);
        }

        return Sentences.Skeleton(text);
    }

    [Fact]
    public async Task Examination_asks_about_reserved_numbers_and_lessons_do_not()
    {
        foreach (var question in s_course.Examination())
        {
            var numbers = Numbers()
                .Matches(question.Prompt.Messages[0].Text().Replace(",", ""))
                .Select(match => long.Parse(match.Value))
                .ToList();
            Assert.All(numbers, number =>
                Assert.True(number < 10 || ReservedNumbers.Contains(number), $"{number} in {question.Prompt.Messages[0].Text()}"));
            if (numbers.Count > 0)
            {
                Assert.Contains(numbers, ReservedNumbers.Contains);
            }
        }

        // Follow-up questions continue with a result, which may be any number, so the first call of each lesson is looked at.
        foreach (var lesson in (await s_lessons.Value))
        {
            var call = lesson.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().FirstOrDefault();
            if (call is null)
            {
                continue;
            }

            var expression = call.Arguments.GetProperty("expression").GetString()!;
            var wholes = Numbers()
                .Matches(Regex.Replace(expression, @"0{5,}|1000000|9999999|\d*\.\d*", "", RegexOptions.None, TimeSpan.FromSeconds(1)));
            Assert.All(wholes, match => Assert.False(ReservedNumbers.Contains(long.Parse(match.Value)), expression));
        }
    }

    [Fact]
    public void Examination_is_graded_by_number_and_call()
    {
        var question = s_course.Examination()[0];
        var expected = question.Grader.Expected!;
        var call = CalculatorTool.CreateCall("1+1");
        Assert.Null(FindFault($"The answer is {expected}.", [call]));
        Assert.Null(FindFault($"It is {expected}.00, I think", [call]));
        Assert.NotNull(FindFault($"The answer is {expected}.", []));
        Assert.NotNull(FindFault($"The answer is {expected}.", [call with { Name = "search" }]));
        Assert.NotNull(FindFault($"The answer is 9{expected}.", [call]));
        Assert.NotNull(FindFault($"The answer is {expected}1.", [call]));
        Assert.NotNull(FindFault($"The answer is -{expected}.", [call]));
        Assert.NotNull(FindFault($"The answer is {expected}.5", [call]));
        Assert.NotNull(FindFault("", [call]));

        string? FindFault(string answer, ToolCallPart[] calls) => question.Grader.FindFault(
            new Conversation([.. question.Prompt.Messages, .. calls.Select(made => Message.Assistant(made)), Message.Assistant(answer)]));
    }

    [Theory]
    [InlineData(0, "zero")]
    [InlineData(48, "forty-eight")]
    [InlineData(105, "one hundred and five")]
    [InlineData(1000, "one thousand")]
    [InlineData(1001, "one thousand and one")]
    [InlineData(312_405, "three hundred and twelve thousand four hundred and five")]
    public void Number_words_are_spelled(long number, string expected) => Assert.Equal(expected, NumberWords.Spell(number));

    static async Task<List<Conversation>> LessonsAsync(int seed, int count) =>
        await s_course.Lessons(new LessonContext(seed), TestContext.Current.CancellationToken)
            .Take(count)
            .ToListAsync(TestContext.Current.CancellationToken);

    [GeneratedRegex(@"\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();
}
