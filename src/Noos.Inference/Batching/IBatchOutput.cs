using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>
/// Which outputs a request wants, and where they go. Called by the thread that serves the batch, in the order of the tokens.
/// </summary>
interface IBatchOutput
{
    /// <summary>Which output a token produces.</summary>
    /// <param name="index">Index of the token in the request.</param>
    /// <param name="count">Tokens of the request.</param>
    TokenOutput Select(int index, int count);

    /// <summary>Copies one token's logits [vocabulary] or hidden state [embedding length]; the span is reused by the next pass.</summary>
    void Add(ReadOnlySpan<float> values);
}
