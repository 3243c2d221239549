using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Tools.Calculator;
using Noos.Tools.Calculator.Course;
using Noos.Tools.Lessons.Chains;
using Noos.Tools.Lessons.Schemas;

namespace Noos.Tools.Tests.Lessons;

/// <summary>Courses with several tools: schemas in the prompt, chains, everyday sums.</summary>
public sealed class InventedToolCourseTests
{
    const int Sample = 2_000;

    public static TheoryData<string> Names => ["schemas", "chains", "sums"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Lessons_are_varied_whole_and_apart_from_the_examination(string name)
    {
        var course = CourseCatalog.Find(name)!;

        var lessons = await LessonsAsync(course, Sample);

        Assert.Equal(lessons.Take(50), await LessonsAsync(course, 50));
        var asked = lessons.Select(lesson => lesson.Messages.Last(message => message.Role == Role.User).Text());
        Assert.InRange(asked.Distinct().Count(), Sample / 2, Sample);
        Assert.Equal(0, lessons.Count(course.GivesAway));
        Assert.All(lessons, lesson =>
        {
            Assert.Equal(Role.Assistant, lesson.Messages[^1].Role);
            Assert.DoesNotMatch(@"\{[a-z]+\}", string.Join(' ', lesson.Messages.Where(message => message.Role != Role.System)
                .Select(message => message.Text())));
        });
        Assert.InRange(course.Examination().Count, 200, 400);
        Assert.All(course.Examination(), question => Assert.True(new ExamGuard([course]).Forbids(question.Prompt), question.Asked));
    }

    [Fact]
    public async Task Calls_of_invented_tools_fit_the_schemas_in_the_prompt()
    {
        var writer = new SchemaWriter(new Draw(3, isExamination: false), InventedPurpose.Lessons);
        for (var index = 0; index < Sample; index++)
        {
            var item = writer.Next(hasFittingTool: index % 4 != 0);
            Assert.Equal(index % 4 == 0, item.Call is null);
            Assert.All(item.Tools, tool => Assert.Contains(tool.Name, item.Prompt.Messages[0].Text(), StringComparison.Ordinal));
            if (item.Call is { } call)
            {
                var tool = Assert.Single(item.Tools, tool => tool.Name == call.Name);
                Assert.Null(JsonSchemaValidator.FindFault(tool.Parameters, call.Arguments));
            }
        }

        // Two parts of the same conversation: tools first, then the request.
        Assert.All(await LessonsAsync(new SchemaCourse(), 50), lesson =>
            Assert.Equal([Role.System, Role.User], lesson.Messages.Take(2).Select(message => message.Role)));
    }

    [Fact]
    public void Schema_examination_accepts_the_right_call_alone()
    {
        var questions = new SchemaCourse().Examination();

        Assert.Empty(InventedPurpose.Lessons.SelectMany(purpose => purpose.Requests)
            .Intersect(InventedPurpose.Examination.SelectMany(purpose => purpose.Requests)));
        Assert.Equal(100, questions.Count(question => question.Grader is NoCallGrader));
        Assert.All(questions.Where(question => question.Grader is ToolCallGrader), question =>
        {
            var name = ((ToolCallGrader)question.Grader).Tool;
            Assert.Contains(question.Tools!, tool => tool.Name == name);
            Assert.NotNull(question.Grader.FindFault(Played(question, new ToolCallPart(name, JsonElement.Parse("{}")))));
        });
    }

    [Fact]
    public async Task Chains_calculate_with_what_the_search_found()
    {
        var (calculated, missing) = (0, 0);
        foreach (var lesson in await LessonsAsync(new ChainCourse(), Sample))
        {
            var calls = lesson.Messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().ToArray();
            Assert.Equal("search", calls[0].Name);
            var found = lesson.Messages[2].Parts.OfType<ToolResultPart>().Single().Text;
            if (calls is [_, { Name: CalculatorTool.Name } sum])
            {
                calculated++;
                var first = sum.Arguments.GetProperty("expression").GetString()!.Split('+', '-', '*', '/')
                    .Where(number => found.Replace(",", "", StringComparison.Ordinal).Contains(number, StringComparison.Ordinal));
                Assert.NotEmpty(first);
            }
            else
            {
                missing++;
                Assert.Null(new RefusalGrader().FindFault(lesson));
            }
        }

        Assert.InRange(missing, Sample / 20, Sample / 2);
        Assert.InRange(calculated, Sample / 2, Sample);
    }

    [Fact]
    public void Chain_examination_begins_behind_the_first_result()
    {
        var questions = new ChainCourse().Examination();

        Assert.All(questions, question => Assert.Equal(Role.Tool, question.Prompt.Messages[^1].Role));
        var second = questions.First(question => question.Group == "second call");
        Assert.NotNull(second.Grader.FindFault(Played(second, CalculatorTool.CreateCall("1+1"))));
        var missing = questions.First(question => question.Group == "nothing found");
        Assert.Null(missing.Grader.FindFault(new([.. missing.Prompt.Messages, Message.Assistant("I could not find that.")])));
        Assert.NotNull(missing.Grader.FindFault(new([.. missing.Prompt.Messages, Message.Assistant("There are 7.")])));
    }

    [Theory]
    [InlineData("-5+3", "-2")]
    [InlineData("5+-3", "2")]
    [InlineData("4*-6", "-24")]
    public void Calculator_reads_what_the_lessons_below_zero_ask(string expression, string result) =>
        Assert.Equal(result, CalculatorTool.Evaluate(expression));

    [Fact]
    public void Sum_examination_has_wordings_and_numbers_of_its_own()
    {
        Assert.Empty(SumWordings.Kinds.SelectMany(kind => kind.Lessons).Select(template => Sentences.Skeleton(template.Question))
            .Intersect(SumWordings.Kinds.SelectMany(kind => kind.Examination).Select(template => Sentences.Skeleton(template.Question))));
        Assert.Equal(9, new SumCourse().Examination().Select(question => question.Group).Distinct().Count());
        Assert.Contains(new SumCourse().Examination(), question => question.Grader.Expected!.StartsWith('-'));
    }

    static Conversation Played(ExamQuestion question, ToolCallPart call) =>
        new([.. question.Prompt.Messages, Message.Assistant(call), Message.Assistant("Done.")]);

    static async Task<List<Conversation>> LessonsAsync(ICourse course, int count) =>
        await course.Lessons(new LessonContext(1)).Take(count).ToListAsync(TestContext.Current.CancellationToken);
}
