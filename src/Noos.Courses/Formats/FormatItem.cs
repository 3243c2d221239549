namespace Noos.Courses.Formats;

/// <summary>A request, an answer that does what it says, and the rules that any such answer keeps to.</summary>
sealed record FormatItem(string Request, string Answer, IReadOnlyList<FormatRule> Rules)
{
    /// <summary>Words of which an answer to the point has at least one; nothing where the rules say it all.</summary>
    public IReadOnlyList<string> Topic { get; init; } = [];
}
