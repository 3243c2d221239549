namespace Noos.Corpus.Index;

/// <summary>What was added to an index at once: a file, a page, or a collection.</summary>
/// <param name="Place">What it was added as: a path, or the address of a page.</param>
/// <param name="Title">Of its first document.</param>
/// <param name="Documents">How many documents it holds.</param>
/// <param name="Passages">How many passages those were cut into.</param>
/// <param name="Added">When it was added, or last changed.</param>
public sealed record IndexEntry(string Place, string Title, int Documents, int Passages, DateTimeOffset Added);
