namespace Noos.Corpus.Conversations;

/// <summary>What a part of a plan came to.</summary>
/// <param name="Name">The part.</param>
/// <param name="Written">Conversations written.</param>
/// <param name="Duplicates">Conversations left out because another part, or the same, had them already.</param>
/// <param name="Forbidden">Conversations left out because an examination asks for them.</param>
public sealed record LessonCount(string Name, int Written, int Duplicates, int Forbidden);
