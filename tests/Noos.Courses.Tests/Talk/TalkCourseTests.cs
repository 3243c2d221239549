using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Courses.Examinations.Graders;
using Noos.Courses.Lessons;
using Noos.Courses.Talk;

namespace Noos.Courses.Tests.Talk;

public sealed class TalkCourseTests
{
    const int Sample = 10_000;
    static readonly TalkCourse s_course = new();
    static readonly Lazy<Task<List<Conversation>>> s_lessons = new(() => LessonsAsync(1, Sample));

    [Fact]
    public async Task Lessons_same_seed_same_conversations()
    {
        Assert.Equal(await LessonsAsync(5, 200), await LessonsAsync(5, 200));
        Assert.NotEqual(await LessonsAsync(5, 200), await LessonsAsync(6, 200));
    }

    [Fact]
    public async Task Lessons_stop_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in s_course.Lessons(new LessonContext(1), stop.Token))
            {
                await stop.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task Lessons_are_varied_and_complete()
    {
        var lessons = await s_lessons.Value;
        Assert.True(lessons.SelectMany(lesson => lesson.Messages).Select(message => message.Text()).Distinct().Count() > 3_000);
        foreach (var lesson in lessons)
        {
            Assert.Equal(0, lesson.Messages.Count % 2);
            Assert.All(lesson.Messages, message => Assert.True(message.Text().Length > 0 && !message.Text().Contains('{'), message.Text()));
            Assert.InRange(lesson.Messages.Sum(message => message.Text().Length), 2, 1600);
        }
    }

    [Fact]
    public async Task Lessons_every_answer_is_fluent()
    {
        var answers = (await s_lessons.Value).SelectMany(lesson => lesson.Messages).Where(message => message.Role == Role.Assistant)
            .Select(message => message.Text()).Distinct();
        Assert.All(answers, answer => Assert.True(Fluency.FindFault(answer) is null, $"{answer}: {Fluency.FindFault(answer)}"));
    }

    [Fact]
    public async Task Lessons_questions_about_identity_mention_the_name()
    {
        var answers = (await s_lessons.Value)
            .Where(lesson => lesson.Messages[0].Text() is "Who made you?" or "What is your name?" or "Who are you?")
            .Select(lesson => lesson.Messages[1].Text()).ToList();
        Assert.NotEmpty(answers);
        Assert.All(answers, answer => Assert.Contains("Noos", answer));
    }

    [Fact]
    public void Examination_has_two_groups_of_a_hundred()
    {
        var questions = s_course.Examination();
        Assert.Equal([100, 100], questions.GroupBy(question => question.Group).Select(group => group.Count()));
        Assert.Equal(200, questions.Select(question => question.Prompt.Messages[0].Text()).Distinct().Count());
        Assert.All(questions, question => Assert.IsType<NoCallGrader>(Assert.IsType<AllOfGrader>(question.Grader).Graders[0]));
    }

    [Fact]
    public async Task Examination_wordings_are_in_no_lesson()
    {
        var taught = (await s_lessons.Value)
            .SelectMany(lesson => lesson.Messages)
            .Select(message => Sentences.Skeleton(message.Text()))
            .ToHashSet();
        foreach (var block in TalkScript.Lessons.Blocks)
        {
            taught.UnionWith(block.SelectMany(round => round.Questions).Select(Sentences.Skeleton));
        }

        var shared = s_course.Examination()
            .Select(question => question.Prompt.Messages[^1].Text())
            .Where(text => taught.Contains(Sentences.Skeleton(text)));
        Assert.Equal([], shared);
    }

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("The the the the")]
    [InlineData("I am a small model that runs on your computer and I can")]
    [InlineData("I like it. I like it. I like it.")]
    [InlineData("the dog and the cat and the dog and the cat and the dog and the cat and the dog.")]
    [InlineData("Thes wrod is nto egnlish.")]
    [InlineData("Blorx.")]
    [InlineData("<|im_start|>user Hello")]
    [InlineData("Wer Bist Du Denn Und Wohin Gehst Du.")]
    public void Fluency_bad_text_has_a_fault(string answer) => Assert.NotNull(Fluency.FindFault(answer));

    [Theory]
    [InlineData("Paris")]
    [InlineData("Hello! How can I help you?")]
    [InlineData("I don't know, but that's all right. You'll find it!")]
    [InlineData("My friend Rumpel lives in Kiel.")]
    [InlineData("He said: \"I am here.\"")]
    public void Fluency_good_text_has_none(string answer) => Assert.Null(Fluency.FindFault(answer));

    [Fact]
    public void Grading_needs_the_name_and_no_call()
    {
        var question = s_course.Examination()[0];
        Assert.Null(question.Grader.FindFault(Played("I am Noos.")));
        Assert.NotNull(question.Grader.FindFault(Played("I am Bob.")));
        var call = new ToolCallPart("calculator", JsonElement.Parse("""{"expression":"1"}"""));
        Assert.NotNull(question.Grader.FindFault(Played("I am Noos.", call)));

        Conversation Played(string answer, params Part[] calls) =>
            new([.. question.Prompt.Messages, Message.Assistant([.. calls, new TextPart(answer)])]);
    }

    [Fact]
    public async Task Course_gives_away_its_wordings_and_nothing_else()
    {
        foreach (var question in s_course.Examination())
        {
            Assert.True(s_course.GivesAway(new([.. question.Prompt.Messages, Message.Assistant("Yes.")])));
        }

        Assert.All((await s_lessons.Value).Take(1000), lesson => Assert.False(s_course.GivesAway(lesson)));
    }

    static async Task<List<Conversation>> LessonsAsync(int seed, int count) =>
        await s_course.Lessons(new LessonContext(seed), TestContext.Current.CancellationToken)
            .Take(count)
            .ToListAsync(TestContext.Current.CancellationToken);
}
