using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Courses.Examinations;
using Noos.Courses.Talk;
using Noos.Tools.Calculator;
using Noos.Tools.Calculator.Course;

namespace Noos.Tools.Tests.Examinations;

public sealed class ExamRunnerTests
{
    [Fact]
    public async Task Runner_right_answers_give_the_full_score()
    {
        var course = new CalculatorCourse();
        var answers = course.Examination().ToDictionary(question => question.Prompt, question => question.Grader.Expected!);
        var seen = new List<ExamProgress>();
        var runner = new ExamRunner((question, _, _) => Task.FromResult(new Conversation(
        [
            .. question.Prompt.Messages,
            Message.Assistant(CalculatorTool.CreateCall(answers[question.Prompt])),
            Message.Tool(CalculatorTool.CreateResult(answers[question.Prompt])),
            Message.Assistant($"The answer is {answers[question.Prompt]}."),
        ])));
        var report = await runner.RunAsync(course, progress: new Collector(seen), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(500, report.Whole.Passed);
        Assert.Empty(report.Failures);
        Assert.Equal(500, seen.Count);
        Assert.Equal(500, seen[^1].Passed);
        Assert.Equal(TimeSpan.Zero, seen[^1].Remaining);
    }

    [Fact]
    public async Task Runner_wrong_answers_are_all_reported()
    {
        var runner = new ExamRunner((question, _, _) =>
            Task.FromResult(new Conversation([.. question.Prompt.Messages, Message.Assistant("It is gfhjk.")])));
        var report = await runner.RunAsync(new TalkCourse(), limit: 20, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((0, 20), (report.Whole.Passed, report.Whole.Total));
        Assert.Equal(20, report.Failures.Count);
        Assert.Equal(2, report.Groups.Count);
        Assert.Contains("exam talk: 0 of 20 (0.0 %)", report.ToText());
        Assert.All(report.Failures, failure => Assert.Contains(failure.Question, report.ToText()));
        Assert.Equal(20, JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("failures").GetArrayLength());
    }

    [Fact]
    public async Task Runner_failing_conversation_counts_as_failed()
    {
        var runner = new ExamRunner((_, _, _) => throw new NoosException("The model is gone."));
        var report = await runner.RunAsync(new TalkCourse(), limit: 3, cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(report.Failures, failure => Assert.Equal("The model is gone.", failure.Fault));
        Assert.Equal(3, report.Failures.Count);
    }

    [Fact]
    public async Task Runner_asks_every_question_in_every_round()
    {
        var rounds = new List<int>();
        var runner = new ExamRunner((question, round, _) =>
        {
            rounds.Add(round);
            return Task.FromResult(new Conversation([.. question.Prompt.Messages, Message.Assistant("It is gfhjk.")]));
        });
        var report = await runner.RunAsync(new TalkCourse(), limit: 4, rounds: 3, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], rounds);
        Assert.Equal((0, 12), (report.Whole.Passed, report.Whole.Total));
    }

    [Fact]
    public async Task Runner_stops_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var runner = new ExamRunner((question, _, _) =>
        {
            stop.Cancel();
            return Task.FromResult(question.Prompt);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(new TalkCourse(), cancellationToken: stop.Token));
    }

    sealed class Collector(List<ExamProgress> seen) : IProgress<ExamProgress>
    {
        public void Report(ExamProgress value) => seen.Add(value);
    }
}
