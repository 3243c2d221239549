using Noos.Inference.Kernels;
using Noos.Inference.Weights;
using Noos.Language.Architectures;

namespace Noos.Inference.Transformer;

/// <summary>Cosines and sines of RoPE for the positions of a batch.</summary>
sealed unsafe class RotaryTable : IDisposable
{
    readonly double[] _frequencies;
    readonly double[] _longFrequencies;
    readonly float _magnitude;
    readonly int _originalLength;
    readonly Activations _rotations;

    /// <param name="config">Frequencies and scaling.</param>
    /// <param name="weights">Has divisors of the frequencies; null for none.</param>
    /// <param name="batchLength">Max tokens per batch.</param>
    public RotaryTable(RotaryConfig config, DecoderWeights? weights, int batchLength)
    {
        (_frequencies, _magnitude) = config.Frequencies(weights?.FrequencyDivisors);
        (_longFrequencies, _) = config.Frequencies(weights?.LongFrequencyDivisors);
        _originalLength = config.OriginalContextLength;
        _rotations = new Activations(batchLength, config.Length);
        Length = config.Length;
    }

    /// <summary>Leading elements of each head that RoPE rotates.</summary>
    public int Length { get; }

    /// <summary>Cosines, then sines, of a token of the batch: [2, <see cref="Length"/> / 2].</summary>
    public float* Row(int token) => _rotations.Row(token);

    /// <summary>
    /// Computes the row of a token. Contexts longer than the original length use the long frequencies throughout (LongRoPE).
    /// </summary>
    public void Prepare(int index, in BatchToken token) => RotaryEmbedding.ComputeCosSin(
        token.Position, token.Cache.Capacity > _originalLength ? _longFrequencies : _frequencies, _magnitude, _rotations.Row(index));

    public void Dispose() => _rotations.Dispose();
}
