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

    /// <summary>How tokens know where they stand.</summary>
    public EncoderPositions Positions { get; init; } = EncoderPositions.Learned;

    /// <summary>What the hidden layer computes.</summary>
    public EncoderActivation Activation { get; init; } = EncoderActivation.Gelu;

    /// <summary>Norms stand before what they belong to, and one behind the last block; else behind it.</summary>
    public bool IsPreNorm { get; init; }

    /// <summary>Base of the rotary frequencies, of blocks whose tokens see the whole text.</summary>
    public float RotaryBase { get; init; } = 10_000;

    /// <summary>Base of the rotary frequencies, of blocks whose tokens see a window.</summary>
    public float WindowRotaryBase { get; init; } = 10_000;

    /// <summary>Tokens on either side that one sees in a block with a window.</summary>
    public int WindowRadius { get; init; }

    /// <summary>Of so many blocks the first sees the whole text, the others a window; 0 where all see the whole text.</summary>
    public int WindowPattern { get; init; }

    /// <summary>Scores that the head gives a pair of texts; 0 for a model that has no head and makes vectors.</summary>
    public int LabelCount { get; init; }

    /// <summary>The head scores the mean of the states, with GELU inside; else that of the first token, with tanh.</summary>
    public bool ScoresMean { get; init; }

    public int HeadLength => EmbeddingLength / HeadCount;

    /// <summary>The tokens of a block see a window only.</summary>
    public bool HasWindow(int block) => WindowPattern > 0 && block % WindowPattern != 0;
}
