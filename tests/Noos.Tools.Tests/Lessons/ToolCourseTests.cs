using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Tools.Lessons;

namespace Noos.Tools.Tests.Lessons;

public sealed class ToolCourseTests
{
    const int Sample = 3_000;

    static readonly ToolCourse s_course = new();

    [Fact]
    public async Task Lessons_are_the_same_for_the_same_seed_and_varied()
    {
        var lessons = await LessonsAsync(Sample);

        Assert.Equal(lessons.Take(50), await LessonsAsync(50));
        Assert.InRange(lessons.Select(lesson => lesson.Messages[0].Text()).Distinct(StringComparer.Ordinal).Count(), Sample / 2, Sample);
        Assert.All(lessons, lesson => Assert.All(lesson.Messages, message => Assert.DoesNotMatch(@"\{[a-z]\}", message.Text())));
    }

    [Fact]
    public async Task Calls_fit_the_schemas_of_the_tools_and_answers_come_from_results()
    {
        var tools = Toolbox.Create(new ToolboxOptions()).ToDictionary(tool => tool.Declaration.Name, tool => tool.Declaration);
        foreach (var lesson in await LessonsAsync(Sample))
        {
            var call = Assert.IsType<ToolCallPart>(Assert.Single(lesson.Messages[1].Parts));
            var result = Assert.IsType<ToolResultPart>(Assert.Single(lesson.Messages[2].Parts));
            if (tools.TryGetValue(call.Name, out var declaration))
            {
                Assert.Null(JsonSchemaValidator.FindFault(declaration.Parameters, call.Arguments));
            }

            var answer = lesson.Messages[3].Text();
            if (call.Name == "search" && answer != "I could not find that.")
            {
                Assert.Contains(answer[..answer.LastIndexOf(" [", StringComparison.Ordinal)], result.Text, StringComparison.Ordinal);
            }
            else if (call.Name is "convert" or "clock")
            {
                Assert.Contains(result.Text.TrimEnd('.'), answer, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Examination_is_kept_out_of_the_lessons_and_accepts_its_own_calls()
    {
        var questions = s_course.Examination();

        Assert.Equal([100, 100, 200, 100], questions.GroupBy(question => question.Group).Select(group => group.Count()));
        Assert.Equal(0, (await LessonsAsync(Sample)).Count(s_course.GivesAway));
        Assert.All(questions, question => Assert.True(new ExamGuard([s_course]).Forbids(question.Prompt)));
        foreach (var request in ToolCourse.Requests(1, isExamination: true).Take(300))
        {
            Assert.True(request.Accepts(request.Value), request.Value);
            Assert.False(request.Accepts("something else"));
        }
    }

    [Fact]
    public void Every_course_has_a_name_of_its_own_and_a_fixed_examination()
    {
        Assert.Equal(CourseCatalog.All.Count, CourseCatalog.All.Select(course => course.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(CourseCatalog.All, course => Assert.Equal(
            course.Examination().Select(question => question.Prompt), course.Examination().Select(question => question.Prompt)));
    }

    static async Task<List<Conversation>> LessonsAsync(int count) =>
        await s_course.Lessons(new LessonContext(1)).Take(count).ToListAsync(TestContext.Current.CancellationToken);
}
