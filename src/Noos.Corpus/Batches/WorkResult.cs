namespace Noos.Corpus.Batches;

/// <summary>What a unit has made.</summary>
/// <param name="Outputs">Its files, relative to the folder.</param>
/// <param name="Counts">What it has counted, such as <c>pages</c>.</param>
public sealed record WorkResult(IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, long> Counts);
