namespace Noos.Corpus.Batches;

/// <summary>Units of work that do not need each other, numbered from 0. The same unit gives the same bytes, whoever does it.</summary>
/// <param name="Name">Names it in the folder, such as <c>extract</c>.</param>
/// <param name="Units">How many.</param>
/// <param name="Key">
/// The key of a unit: a hash of everything that decides its outputs. A unit that was done under another key is done again.
/// </param>
/// <param name="Run">Does a unit; what it makes appears whole or not at all.</param>
public sealed record WorkStage(string Name, int Units, Func<int, string> Key, Func<int, CancellationToken, WorkResult> Run);
