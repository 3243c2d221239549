namespace Noos.Tools.Calculator.Course;

/// <summary>One thing to calculate.</summary>
/// <param name="Question">What the user says.</param>
/// <param name="Expression">What the calculator is asked.</param>
/// <param name="Sentence">An answer with {r} for the result, or null for the usual ones.</param>
sealed record Problem(string Question, string Expression, string? Sentence = null);
