using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Tools.Browse;
using Noos.Tools.Browse.Course;
using Noos.Tools.Code;
using Noos.Tools.Code.Course;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;
using Noos.Tools.Files;
using Noos.Tools.Files.Course;
using Noos.Tools.Lessons;
using Noos.Tools.Tests.Code;

namespace Noos.Tools.Tests.Lessons;

/// <summary>The courses of pages, files and code.</summary>
public sealed class CallCourseTests
{
    const int Sample = 1_500;

    static readonly CallCourse[] s_courses = [new PageCourse(), new FileCourse(), new CodeCourse()];

    public static TheoryData<string> Names => [.. s_courses.Select(course => course.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Lessons_are_the_same_for_the_same_seed_and_leave_no_slot_open(string name)
    {
        var lessons = await LessonsAsync(name, Sample);

        Assert.Equal(lessons.Take(50), await LessonsAsync(name, 50));
        Assert.All(lessons, lesson => Assert.All(lesson.Messages, message => Assert.DoesNotMatch(@"\{[a-z]\}", message.Text())));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Calls_fit_the_schemas_of_the_tools(string name)
    {
        var tools = Toolbox.Create(new ToolboxOptions()).Append(new OpenPageTool()).Append(new ReadFileTool())
            .DistinctBy(tool => tool.Declaration.Name).ToDictionary(tool => tool.Declaration.Name, tool => tool.Declaration);
        foreach (var call in (await LessonsAsync(name, Sample)).SelectMany(lesson => lesson.Messages)
            .SelectMany(message => message.Parts.OfType<ToolCallPart>()))
        {
            if (tools.TryGetValue(call.Name, out var declaration))
            {
                Assert.Null(JsonSchemaValidator.FindFault(declaration.Parameters, call.Arguments));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Examination_is_kept_out_of_the_lessons_and_accepts_right_calls_alone(string name)
    {
        var course = Find(name);
        var questions = course.Examination();

        Assert.Equal(300, questions.Count);
        Assert.Equal(0, (await LessonsAsync(name, Sample)).Count(course.GivesAway));
        var guard = new ExamGuard([course]);
        Assert.All(questions, question => Assert.True(guard.Forbids(question.Prompt)));
        foreach (var lesson in course.WriteLessons(1, isExamination: true).Take(300))
        {
            var grader = course.GraderFor(lesson);
            Assert.Null(grader.FindFault(lesson.ToConversation()));
            if (lesson.Call is not null)
            {
                Assert.NotNull(grader.FindFault(new Conversation([.. lesson.Prompt.Messages, Message.Assistant("I do not know.")])));
            }
        }
    }

    [Fact]
    public async Task Code_of_the_lessons_prints_what_they_say()
    {
        const SandboxLevel level = SandboxLevel.Landlock;
        await using var tool = new PythonTool(new CodeRuntime(await SandboxLevels.RequireAsync(level)));
        using var context = new CodeContext();
        foreach (var lesson in new CodeCourse().WriteLessons(1, isExamination: false)
            .Where(lesson => lesson.Call?.Name == PythonTool.Name).Take(60))
        {
            if (lesson.File is { } file)
            {
                await File.WriteAllTextAsync(context.File(file.Name), file.Content, TestContext.Current.CancellationToken);
            }

            var result = await tool.InvokeAsync(lesson.Call!, context, TestContext.Current.CancellationToken);

            Assert.Equal(lesson.Result!.Text, string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text)));
        }
    }

    static CallCourse Find(string name) => s_courses.Single(course => course.Name == name);

    static async Task<List<Conversation>> LessonsAsync(string name, int count) =>
        await Find(name).Lessons(new LessonContext(1)).Take(count).ToListAsync(TestContext.Current.CancellationToken);
}
