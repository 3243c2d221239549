namespace Noos.Language.Architectures;

/// <summary>The numbers of an encoder.</summary>
public sealed record EncoderConfig
{
    /// <summary>The family, as <c>general.architecture</c> names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest text, in tokens, those at its beginning and end included.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Width of the hidden layer.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Number of heads of queries, keys and values.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of kinds that a token may be of, such as first and second text of a pair; 0 for none.</summary>
    public required int TokenTypeCount { get; init; }

    /// <summary>Epsilon inside every layer norm.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>How the hidden states become the vector of a text.</summary>
    public required Pooling Pooling { get; init; }

    public int HeadLength => EmbeddingLength / HeadCount;
}
