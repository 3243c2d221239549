using Noos.Inference.Transformer;

namespace Noos.Inference;

/// <summary>The hidden states of a text as one vector of length one. States come in the order of the tokens, so the sum does not depend on batches.</summary>
sealed class PooledOutput(Pooling pooling, int width) : IBatchOutput
{
    readonly double[] _sum = new double[width];

    public TokenOutput Of(int index, int count) => pooling switch
    {
        Pooling.Mean => TokenOutput.State,
        Pooling.First => index == 0 ? TokenOutput.State : TokenOutput.None,
        _ => index == count - 1 ? TokenOutput.State : TokenOutput.None,
    };

    public void Take(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _sum[i] += values[i];
        }
    }

    /// <summary>Normalized, the number of tokens need not be known.</summary>
    public float[] Vector()
    {
        var length = Math.Sqrt(_sum.Sum(value => value * value));
        return [.. _sum.Select(value => length > 0 ? (float)(value / length) : 0)];
    }
}
