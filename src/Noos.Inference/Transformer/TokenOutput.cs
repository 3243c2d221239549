namespace Noos.Inference.Transformer;

/// <summary>Which output a batch token produces.</summary>
enum TokenOutput
{
    /// <summary>Only its keys and values.</summary>
    None,

    /// <summary>Logits of the next token: [vocabulary].</summary>
    Logits,

    /// <summary>The last hidden state, after the output norm: [embedding length].</summary>
    HiddenState,
}
