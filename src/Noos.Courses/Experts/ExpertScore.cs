namespace Noos.Courses.Experts;

/// <summary>What the labeler thinks of an answer: each check from 0 to 1, null where the question has no such thing.</summary>
/// <param name="Right">It says the right thing.</param>
/// <param name="Grounded">What it says stands in the source.</param>
/// <param name="Format">It has the form that was asked for.</param>
/// <param name="Stops">It ends, and does not go in circles.</param>
/// <param name="Length">It is no longer than needed.</param>
/// <param name="Polite">It insults nobody.</param>
public sealed record ExpertScore(double? Right, double? Grounded, double Format, double Stops, double Length, double Polite)
{
    /// <summary>All of it by weight, 0 to 1.</summary>
    public required double Total { get; init; }
}
