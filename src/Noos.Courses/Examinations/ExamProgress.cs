namespace Noos.Courses.Examinations;

/// <summary>How far an examination has come.</summary>
/// <param name="Done">Questions asked so far.</param>
/// <param name="Total">Questions in all.</param>
/// <param name="Passed">Questions passed so far.</param>
/// <param name="QuestionsPerSecond">The mean rate so far.</param>
/// <param name="Remaining">The time that the rest needs at that rate.</param>
public sealed record ExamProgress(int Done, int Total, int Passed, double QuestionsPerSecond, TimeSpan Remaining);
