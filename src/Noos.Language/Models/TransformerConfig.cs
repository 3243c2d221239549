namespace Noos.Language.Models;

/// <summary>
/// Shape of a decoder of GGUF architecture <c>qwen3</c>: pre-norm RMSNorm, rotary positions (half-split), per-head RMS norm of queries
/// and keys before the rotation, grouped-query attention, SwiGLU, no biases. Trainer, exporter and engine share this one record.
/// </summary>
public sealed record TransformerConfig
{
    /// <summary>Number of tokens in the vocabulary, reserved ones included.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>Longest sequence trained on, in tokens.</summary>
    public int ContextLength { get; init; } = 512;

    /// <summary>Width of the residual stream.</summary>
    public int EmbeddingLength { get; init; } = 256;

    /// <summary>Number of transformer blocks.</summary>
    public int BlockCount { get; init; } = 6;

    /// <summary>Width of the SwiGLU hidden layer.</summary>
    public int FeedForwardLength { get; init; } = 704;

    /// <summary>Number of query heads.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>Number of key and value heads; divides <see cref="HeadCount"/>.</summary>
    public int KeyValueHeadCount { get; init; } = 2;

    /// <summary>Width of one head; even.</summary>
    public int HeadLength { get; init; } = 64;

    /// <summary>Base of the rotary frequencies.</summary>
    public float RopeFrequencyBase { get; init; } = 10_000f;

    /// <summary>Epsilon inside every RMS norm.</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>The output head reuses the token embedding (no <c>output.weight</c> tensor).</summary>
    public bool TiedEmbeddings { get; init; } = true;

    public int QueryLength => HeadCount * HeadLength;

    public int KeyValueLength => KeyValueHeadCount * HeadLength;

    /// <summary>Number of trained values.</summary>
    public long ParameterCount
    {
        get
        {
            long d = EmbeddingLength;
            var block = (d * (QueryLength + (2 * KeyValueLength))) + (QueryLength * d) + (3 * d * FeedForwardLength) + (2 * d)
                + (2 * HeadLength);
            return (VocabularySize * d * (TiedEmbeddings ? 1 : 2)) + (BlockCount * block) + d;
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> with one clear sentence when the numbers cannot make a model.</summary>
    public TransformerConfig Validate()
    {
        Require(VocabularySize is > 0 and <= 1 << 20, $"The vocabulary size must be between 1 and 1,048,576, not {VocabularySize}.");
        Require(ContextLength is > 0 and <= 1 << 20, $"The context length must be between 1 and 1,048,576 tokens, not {ContextLength}.");
        Require(EmbeddingLength is > 0 and <= 1 << 16, $"The embedding length must be between 1 and 65,536, not {EmbeddingLength}.");
        Require(BlockCount is > 0 and <= 1024, $"The number of blocks must be between 1 and 1,024, not {BlockCount}.");
        Require(
            FeedForwardLength is > 0 and <= 1 << 18,
            $"The feed-forward length must be between 1 and 262,144, not {FeedForwardLength}.");
        Require(HeadCount is > 0 and <= 1024, $"The number of heads must be between 1 and 1,024, not {HeadCount}.");
        Require(
            KeyValueHeadCount > 0 && HeadCount % KeyValueHeadCount == 0,
                $"The number of key-value heads ({KeyValueHeadCount}) must divide the number of heads ({HeadCount}).");
        Require(HeadLength is > 0 and <= 1024 && HeadLength % 2 == 0, $"The head length must be even and at most 1,024, not {HeadLength}.");
        Require(
            float.IsFinite(RopeFrequencyBase) && RopeFrequencyBase > 0,
            $"The rotary frequency base must be positive, not {RopeFrequencyBase}.");
        Require(float.IsFinite(NormEpsilon) && NormEpsilon > 0, $"The norm epsilon must be positive, not {NormEpsilon}.");
        return this;
    }

    static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
