using Noos.Core.Conversations;
using Noos.Courses.Examinations;

namespace Noos.Tools.Tests;

public sealed class ExamGuardTests
{
    readonly ExamGuard _guard = new(CourseCatalog.All);

    [Fact]
    public void Guard_forbids_every_exam_question() => Assert.All(CourseCatalog.All.SelectMany(course => course.Examination()),
        question => Assert.True(_guard.Forbids(new([.. question.Prompt.Messages, Message.Assistant("Yes.")]))));

    [Fact]
    public void Guard_allows_lessons() => Assert.All(CourseCatalog.All.SelectMany(course => course.Lessons(9).Take(3000)),
        lesson => Assert.False(_guard.Forbids(lesson), string.Join(" | ", lesson.Messages.Select(message => message.Text()))));
}
