using Noos.Inference.Batching;
using Noos.Inference.Transformer;
using Noos.Language.Architectures;

namespace Noos.Inference.Embeddings;

/// <summary>
/// Pools the hidden states of one text into a vector of length one. States come in token order, so the sum does not depend on batches.
/// </summary>
sealed class PooledOutput(Pooling pooling, int width) : IBatchOutput
{
    readonly double[] _sum = new double[width];

    public TokenOutput Select(int index, int count) => pooling switch
    {
        Pooling.Mean => TokenOutput.HiddenState,
        Pooling.First => index == 0 ? TokenOutput.HiddenState : TokenOutput.None,
        _ => index == count - 1 ? TokenOutput.HiddenState : TokenOutput.None,
    };

    public void Add(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _sum[i] += values[i];
        }
    }

    /// <summary>The normalized vector. Normalizing makes the sum and the mean the same, so the number of tokens is not needed.</summary>
    public float[] ToVector()
    {
        var length = Math.Sqrt(_sum.Sum(value => value * value));
        return [.. _sum.Select(value => length > 0 ? (float)(value / length) : 0)];
    }
}
