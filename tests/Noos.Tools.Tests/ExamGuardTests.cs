using Noos.Language.Conversations;
using Noos.Tools.Examinations;

namespace Noos.Tools.Tests;

public sealed class ExamGuardTests
{
    [Fact]
    public void Guard_forbids_every_exam_question() => Assert.All(Courses.All.SelectMany(course => course.Examination()),
        question => Assert.True(ExamGuard.Forbids(new([.. question.Prompt.Messages, Message.Assistant("Yes.")]))));

    [Fact]
    public void Guard_allows_lessons() => Assert.All(Courses.All.SelectMany(course => course.Lessons(9).Take(3000)),
        lesson => Assert.False(ExamGuard.Forbids(lesson), string.Join(" | ", lesson.Messages.Select(message => message.Text()))));
}
