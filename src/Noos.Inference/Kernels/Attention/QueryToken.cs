namespace Noos.Inference.Kernels.Attention;

/// <summary>A token whose queries attend.</summary>
/// <param name="Row">Its row in the batch.</param>
/// <param name="Position">Its position in its sequence; it sees itself and what is before (causal mask).</param>
readonly record struct QueryToken(int Row, int Position);
