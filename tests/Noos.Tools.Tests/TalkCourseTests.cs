using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Lessons;
using Noos.Courses.Talk;
using Noos.Tools.Calculator;

namespace Noos.Tools.Tests;

public sealed class TalkCourseTests
{
    const int Sample = 10_000;
    static readonly TalkCourse s_course = new();
    static readonly Lazy<List<Conversation>> s_lessons = new(() => [.. s_course.Lessons(1).Take(Sample)]);

    [Fact]
    public void Lessons_same_seed_same_conversations()
    {
        Assert.Equal(s_course.Lessons(5).Take(200), s_course.Lessons(5).Take(200));
        Assert.NotEqual(s_course.Lessons(5).Take(200), s_course.Lessons(6).Take(200));
    }

    [Fact]
    public void Lessons_are_varied_and_complete()
    {
        Assert.True(s_lessons.Value.SelectMany(lesson => lesson.Messages).Select(message => message.Text()).Distinct().Count() > 3_000);
        foreach (var lesson in s_lessons.Value)
        {
            Assert.Equal(0, lesson.Messages.Count % 2);
            Assert.All(lesson.Messages, message => Assert.True(message.Text().Length > 0 && !message.Text().Contains('{'), message.Text()));
            Assert.InRange(lesson.Messages.Sum(message => message.Text().Length), 2, 1600);
        }
    }

    [Fact]
    public void Lessons_every_answer_is_fluent()
    {
        var answers = s_lessons.Value.SelectMany(lesson => lesson.Messages).Where(message => message.Role == Role.Assistant)
            .Select(message => message.Text()).Distinct();
        Assert.All(answers, answer => Assert.True(Fluency.FindFault(answer) is null, $"{answer}: {Fluency.FindFault(answer)}"));
    }

    [Fact]
    public void Lessons_questions_about_identity_mention_the_name()
    {
        var answers = s_lessons.Value.Where(lesson => lesson.Messages[0].Text() is "Who made you?" or "What is your name?" or "Who are you?")
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
        Assert.All(questions, question => Assert.False(question.ExpectsToolCall));
    }

    [Fact]
    public void Examination_wordings_are_in_no_lesson()
    {
        var taught = s_lessons.Value.SelectMany(lesson => lesson.Messages).Select(message => Sentences.Skeleton(message.Text())).ToHashSet();
        foreach (var block in TalkScript.Lessons.Blocks)
        {
            taught.UnionWith(block.SelectMany(round => round.Questions).Select(Sentences.Skeleton));
        }

        var shared = s_course.Examination().Select(question => question.Prompt.Messages[^1].Text()).Where(text => taught.Contains(Sentences.Skeleton(text)));
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
        Assert.Null(question.FindFault("I am Noos.", []));
        Assert.NotNull(question.FindFault("I am Bob.", []));
        Assert.NotNull(question.FindFault("I am Noos.", [CalculatorTool.CreateCall("1")]));
    }
}
