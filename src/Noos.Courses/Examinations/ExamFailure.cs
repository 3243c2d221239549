namespace Noos.Courses.Examinations;

/// <summary>A question that was not passed.</summary>
/// <param name="Group">The group of the question.</param>
/// <param name="Question">What was asked last.</param>
/// <param name="Expected">What a right answer holds, such as a number; null where many would have done.</param>
/// <param name="Answer">What was answered, calls included.</param>
/// <param name="Fault">What is wrong with it.</param>
public sealed record ExamFailure(string Group, string Question, string? Expected, string Answer, string Fault);
