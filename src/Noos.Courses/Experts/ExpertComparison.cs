namespace Noos.Courses.Experts;

/// <summary>Several answers to one question, each judged truly, and the noisy labels of their pairs.</summary>
/// <param name="Prompt">The question.</param>
/// <param name="Answers">In no order.</param>
/// <param name="Scores">What the labeler thinks of each.</param>
/// <param name="Pairs">Each pair that is no tie.</param>
public sealed record ExpertComparison(
    ExpertPrompt Prompt, IReadOnlyList<ExpertAnswer> Answers, IReadOnlyList<double> Scores, IReadOnlyList<ExpertLabel> Pairs);

/// <summary>A label of a pair.</summary>
/// <param name="Better">Index of the answer that it calls the better one.</param>
/// <param name="Worse">Index of the other.</param>
/// <param name="IsFlipped">It is not so.</param>
public sealed record ExpertLabel(int Better, int Worse, bool IsFlipped);
