namespace Noos.Courses.Reading;

/// <summary>Passages with a question.</summary>
/// <param name="Kind">The form of the passages, and whether the answer is in them.</param>
/// <param name="Topic">What they are about.</param>
/// <param name="Passages">One or more texts.</param>
/// <param name="Question">Asked about one of them.</param>
/// <param name="Answer">A span of one passage as it stands there; null where the text does not say.</param>
/// <param name="Passage">Index of the passage that holds it; -1 for none.</param>
/// <param name="Subjects">Who or what the passages and the question are about.</param>
public sealed record ReadingItem(
    ReadingKind Kind, string Topic, IReadOnlyList<string> Passages, string Question, string? Answer, int Passage,
    IReadOnlyList<string> Subjects);
