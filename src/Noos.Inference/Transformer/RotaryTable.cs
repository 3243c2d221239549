using Noos.Inference.Architectures;
using Noos.Inference.Kernels;

namespace Noos.Inference.Transformer;

/// <summary>The cosines and sines of a batch's positions.</summary>
sealed unsafe class RotaryTable : IDisposable
{
    readonly double[] _frequencies;
    readonly double[] _longFrequencies;
    readonly float _magnitude;
    readonly int _originalLength;
    readonly Activations _turns;

    /// <param name="config">The kind of turns.</param>
    /// <param name="weights">Has the divisors of the frequencies; null for none.</param>
    /// <param name="batchLength">Most tokens of a batch.</param>
    public RotaryTable(RotaryConfig config, DecoderWeights? weights, int batchLength)
    {
        (_frequencies, _magnitude) = config.Frequencies(weights?.FrequencyDivisors);
        (_longFrequencies, _) = config.Frequencies(weights?.LongFrequencyDivisors);
        _originalLength = config.OriginalContextLength;
        _turns = new Activations(batchLength, config.Length);
        Length = config.Length;
    }

    /// <summary>Number of a head's elements that turn.</summary>
    public int Length { get; }

    /// <summary>Cosines, then sines, for a token of the batch.</summary>
    public float* Of(int token) => _turns.Row(token);

    public void Prepare(int index, in BatchToken token) => RotaryEmbedding.ComputeCosSin(
        token.Position, token.Cache.Capacity > _originalLength ? _longFrequencies : _frequencies, _magnitude, _turns.Row(index));

    public void Dispose() => _turns.Dispose();
}
