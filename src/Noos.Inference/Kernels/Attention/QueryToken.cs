namespace Noos.Inference.Kernels.Attention;

/// <summary>A token whose queries are computed.</summary>
/// <param name="Row">Its row in the batch.</param>
/// <param name="Position">Where it stands in its sequence; it sees itself and what is before.</param>
readonly record struct QueryToken(int Row, int Position);
