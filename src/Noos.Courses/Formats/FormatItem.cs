namespace Noos.Courses.Formats;

/// <summary>A request, an answer that does what it says, and the rules that any such answer keeps to.</summary>
sealed record FormatItem(string Request, string Answer, IReadOnlyList<FormatRule> Rules);
