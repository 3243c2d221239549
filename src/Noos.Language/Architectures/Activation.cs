namespace Noos.Language.Architectures;

/// <summary>The function between the two halves of a feed-forward layer.</summary>
public enum Activation
{
    /// <summary>gate * sigmoid(gate) * up (Shazeer 2020).</summary>
    SwiGlu,

    /// <summary>gelu(gate) * up, with the tanh form of GELU.</summary>
    GeGlu,

    /// <summary>gate * sigmoid(1.702 gate) * (up + 1), gate at most 7 and up within -7 .. 7 (gpt-oss).</summary>
    ClampedSwiGlu,
}
