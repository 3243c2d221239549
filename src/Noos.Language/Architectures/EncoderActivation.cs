namespace Noos.Language.Architectures;

/// <summary>What the feed-forward layer of an encoder computes between its matrices.</summary>
public enum EncoderActivation
{
    /// <summary>gelu(up), with the error function.</summary>
    Gelu,

    /// <summary>gelu(gate) * up, with the error function (Shazeer, arXiv:2002.05202).</summary>
    GeGlu,

    /// <summary>gate * sigmoid(gate) * up (ibid.).</summary>
    SwiGlu,
}
