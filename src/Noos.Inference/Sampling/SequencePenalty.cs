namespace Noos.Inference.Sampling;

/// <summary>
/// DRY, "don't repeat yourself" (p-e-w 2024, and llama.cpp's sampler of that name): a token that would carry on a sequence as it already
/// stands in the text gets less likely, the more so the longer that sequence is. Single words may come again as often as they like.
/// </summary>
public sealed record SequencePenalty
{
    /// <summary>
    /// Subtracted from the logit where a sequence of <see cref="AllowedLength"/> tokens would be carried on; 0 does nothing.
    /// </summary>
    public float Multiplier { get; init; } = 0.8f;

    /// <summary>For each token by which the sequence is longer, the penalty is so many times as large.</summary>
    public float Base { get; init; } = 1.75f;

    /// <summary>Shorter sequences may be repeated.</summary>
    public int AllowedLength { get; init; } = 2;

    /// <summary>How many of the last tokens are looked at, those of the prompt too: -1 for all.</summary>
    public int Window { get; init; } = -1;

    /// <summary>A sequence ends at a token that contains one of these texts.</summary>
    public IReadOnlyList<string> Breakers { get; init; } = ["\n", ":", "\"", "*"];
}
