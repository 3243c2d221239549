namespace Noos.Cpus.Local;

/// <summary>Documents in the order in which they answer a question.</summary>
/// <param name="Documents">The best first.</param>
/// <param name="Tokens">Tokens that were read, those of the question once for each document.</param>
public sealed record Ranking(IReadOnlyList<RankedDocument> Documents, long Tokens);
