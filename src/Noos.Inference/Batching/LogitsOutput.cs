using Noos.Inference.Transformer;

namespace Noos.Inference.Batching;

/// <summary>Logits after the last token, or after every token.</summary>
/// <param name="logits">Receives [tokens, vocabulary], or [vocabulary] for the last token alone.</param>
/// <param name="wantsAll">Of every token.</param>
sealed class LogitsOutput(float[] logits, bool wantsAll) : IBatchOutput
{
    int _length;

    public TokenOutput Select(int index, int count) => wantsAll || index == count - 1 ? TokenOutput.Logits : TokenOutput.None;

    public void Add(ReadOnlySpan<float> values)
    {
        values.CopyTo(logits.AsSpan(_length));
        _length += values.Length;
    }
}
