namespace Noos.Corpus.Extraction;

/// <summary>What is taken from a page.</summary>
public sealed record ExtractionOptions
{
    public LinkStyle Links { get; init; } = LinkStyle.Inline;

    /// <summary>
    /// How sure the classifier must be that a block is content, from 0 (everything) to 1. Lower for search, where a price list is an
    /// answer, higher for training.
    /// </summary>
    public float Threshold { get; init; } = 0.45f;

    /// <summary>Longest page in characters; the rest is not read.</summary>
    public int MaxLength { get; init; } = 8_000_000;
}
