namespace Noos.Inference.KeyValues;

/// <summary>What the KV cache holds of one sequence.</summary>
/// <param name="Tokens">From its first on.</param>
/// <param name="Pages">Pages that hold them.</param>
/// <param name="SharedPages">Pages of these that other measured sequences begin with, too.</param>
public sealed record SequenceMemory(int Tokens, int Pages, int SharedPages);
