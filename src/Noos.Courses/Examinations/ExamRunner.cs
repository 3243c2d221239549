using Noos.Core;
using Noos.Core.Conversations;

namespace Noos.Courses.Examinations;

/// <summary>Asks the questions of a course one after the other and grades the answers.</summary>
/// <param name="play">
/// Plays one question to its end: gets it and the number of the round, and gives the same messages followed by those of the
/// assistant and its tools.
/// </param>
/// <param name="clock">Measures the time; the clock of the system when null.</param>
public sealed class ExamRunner(Func<ExamQuestion, int, CancellationToken, Task<Conversation>> play, TimeProvider? clock = null)
{
    readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc cref="RunAsync(string, IReadOnlyList{ExamQuestion}, int?, int, IProgress{ExamProgress}?, CancellationToken)"/>
    /// <param name="course">Whose examination is held.</param>
    public Task<ExamReport> RunAsync(
        ICourse course,
        int? limit = null,
        int rounds = 1,
        IProgress<ExamProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(course);
        return RunAsync(course.Name, course.Examination(), limit, rounds, progress, cancellationToken);
    }

    /// <param name="name">What the report calls it.</param>
    /// <param name="all">The questions.</param>
    /// <param name="limit">Ask only so many questions, spread evenly over the examination.</param>
    /// <param name="rounds">
    /// How often every question is asked: an answer that is drawn is right or wrong by luck too, so one round alone says little.
    /// </param>
    /// <param name="progress">Told after every question.</param>
    /// <param name="cancellationToken">Stops between and within questions.</param>
    /// <remarks>A question whose conversation fails with a <see cref="NoosException"/> counts as failed.</remarks>
    public async Task<ExamReport> RunAsync(
        string name,
        IReadOnlyList<ExamQuestion> all,
        int? limit = null,
        int rounds = 1,
        IProgress<ExamProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var questions = Spread(all, limit);
        var total = questions.Count * rounds;
        var failures = new List<ExamFailure>();
        var started = _clock.GetTimestamp();
        for (var index = 0; index < total; index++)
        {
            if (await FindFailureAsync(questions[index % questions.Count], index / questions.Count, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }

            var done = index + 1;
            var elapsed = _clock.GetElapsedTime(started);
            progress?.Report(new ExamProgress(done, total, done - failures.Count,
                done / Math.Max(elapsed.TotalSeconds, 1e-9), elapsed / done * (total - done)));
        }

        var failed = failures.CountBy(failure => failure.Group).ToDictionary();
        var groups = questions.CountBy(question => question.Group)
            .Select(group => new ExamScore(group.Key, (group.Value * rounds) - failed.GetValueOrDefault(group.Key), group.Value * rounds));
        return new ExamReport(name, [.. groups], failures, _clock.GetElapsedTime(started));
    }

    static IReadOnlyList<ExamQuestion> Spread(IReadOnlyList<ExamQuestion> questions, int? limit) =>
        limit is { } count && count < questions.Count
        ? [.. Enumerable.Range(0, Math.Max(count, 0)).Select(index => questions[(int)((long)index * questions.Count / count)])]
        : questions;

    async Task<ExamFailure?> FindFailureAsync(ExamQuestion question, int round, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var text = question.Asked;
        try
        {
            var played = await play(question, round, cancellationToken);
            return question.Grader.FindFault(played) is { } fault
                ? new ExamFailure(question.Group, text, question.Grader.Expected, Describe(played, question.Prompt.Messages.Count), fault)
                : null;
        }
        catch (NoosException failure)
        {
            return new ExamFailure(question.Group, text, question.Grader.Expected, "", failure.Message);
        }
    }

    static string Describe(Conversation played, int start) =>
        string.Join(" | ", played.Messages.Skip(start).SelectMany(message => message.Parts).Select(part => part switch
    {
        TextPart said => said.Text,
        ToolCallPart call => $"{call.Name}({call.Arguments.GetRawText()})",
        ToolResultPart result => $"-> {result.Text}",
        _ => part.GetType().Name,
    }));
}
