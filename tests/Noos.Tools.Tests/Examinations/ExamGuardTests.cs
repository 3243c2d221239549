using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Courses;
using Noos.Courses.Examinations;

namespace Noos.Tools.Tests.Examinations;

public sealed class ExamGuardTests
{
    readonly ExamGuard _guard = new(CourseCatalog.All);

    [Fact]
    public void Guard_forbids_every_exam_question() => Assert.All(CourseCatalog.All.SelectMany(course => course.Examination()),
        question => Assert.True(_guard.Forbids(new Conversation([.. question.Prompt.Messages, Message.Assistant("Yes.")]))));

    [Fact]
    public async Task Guard_allows_lessons()
    {
        // What one course may ask in its examination, another may happen to teach: then the guard takes that lesson out.
        const int Lessons = 3000;
        const int MaxForbidden = 30;
        foreach (var course in CourseCatalog.All)
        {
            var forbidden = new List<string>();
            var lessons = course.Lessons(new LessonContext(9), TestContext.Current.CancellationToken).Take(Lessons);
            await foreach (var lesson in lessons)
            {
                Assert.False(course.GivesAway(lesson));
                if (_guard.Forbids(lesson))
                {
                    forbidden.Add(string.Join(" | ", lesson.Messages.Select(message => message.Text())));
                }
            }

            Assert.True(
                forbidden.Count <= MaxForbidden, $"{course.Name}: {forbidden.Count} of {Lessons}.\n{string.Join('\n', forbidden)}");
        }
    }

    [Theory]
    [InlineData("calculator", """{"expression":"1095+5"}""", true)]     // 1095 = 7 * 156 + 3
    [InlineData("calculator", """{"expression":"1096+5"}""", false)]
    [InlineData("search", """{"query":"harvest of 1095"}""", false)]
    [InlineData("read_file", """{"path":"reports/1095.txt","page":101}""", false)]
    public void Guard_reserves_numbers_for_the_calculator_alone(string tool, string arguments, bool isForbidden)
    {
        var call = new ToolCallPart(tool, JsonElement.Parse(arguments));
        var lesson = Conversation.From(
            Message.User("Please look."), Message.Assistant(call), Message.Tool(new ToolResultPart(tool, "7")),
            Message.Assistant("There are 7."));
        Assert.Equal(isForbidden, _guard.Forbids(lesson));
    }

    [Fact]
    public void Guard_lets_calculations_go_on_with_what_another_tool_found()
    {
        var lesson = Conversation.From(
            Message.User("How long ago was it?"),
            Message.Assistant(new ToolCallPart("search", JsonElement.Parse("""{"query":"battle"}"""))),
                Message.Tool(new ToolResultPart("search", "In 1095.")),
            Message.Assistant(new ToolCallPart("calculator", JsonElement.Parse("""{"expression":"2026-1095"}"""))),
                Message.Tool(new ToolResultPart("calculator", "931")),
            Message.Assistant("931 years."));
        Assert.False(_guard.Forbids(lesson));
    }
}
