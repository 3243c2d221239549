namespace Noos.Language.Architectures;

/// <summary>How the tokens of an encoder know where they stand.</summary>
public enum EncoderPositions
{
    /// <summary>A vector per position is added to the embedding (Devlin et al., arXiv:1810.04805).</summary>
    Learned,

    /// <summary>Queries and keys are rotated (RoPE; Su et al., arXiv:2104.09864), in the half-split layout.</summary>
    Rotary,

    /// <summary>Scores fall with the distance on both sides, at each head's own rate (ALiBi; Press et al., arXiv:2108.12409).</summary>
    Alibi,
}
