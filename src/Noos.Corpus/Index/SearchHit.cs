namespace Noos.Corpus.Index;

/// <summary>A passage that a search found.</summary>
/// <param name="Score">Higher is better; scores of one search can be compared, those of two cannot.</param>
public sealed record SearchHit(Passage Passage, double Score);
