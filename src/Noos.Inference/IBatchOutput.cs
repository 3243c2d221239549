using Noos.Inference.Transformer;

namespace Noos.Inference;

/// <summary>What of a request's tokens is asked for, and where it goes.</summary>
interface IBatchOutput
{
    /// <summary>What is asked for of a token.</summary>
    /// <param name="index">The token's place in the request.</param>
    /// <param name="count">Tokens of the request.</param>
    TokenOutput Of(int index, int count);

    /// <summary>Takes what was asked for, token after token in their order.</summary>
    void Take(ReadOnlySpan<float> values);
}

/// <summary>Scores after the last token, or after every one, in a row.</summary>
sealed class ScoreOutput(float[] scores, bool wantsAll) : IBatchOutput
{
    int _taken;

    public TokenOutput Of(int index, int count) => wantsAll || index == count - 1 ? TokenOutput.Scores : TokenOutput.None;

    public void Take(ReadOnlySpan<float> values)
    {
        values.CopyTo(scores.AsSpan(_taken));
        _taken += values.Length;
    }
}
