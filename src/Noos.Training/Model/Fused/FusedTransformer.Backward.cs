using System.Numerics;
using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

public sealed unsafe partial class FusedTransformer
{
    /// <summary>From the gradient of the last hidden states, left by the objective, down to the embedding.</summary>
    void Backward(RowActivations row)
    {
        var width = _config.EmbeddingLength;
        var length = row.Length;
        new Span<float>(_dStream, length * width).Clear();
        RmsNorm.Backward(
            row.Output, Weight(TensorNames.OutputNorm), row.OutputInverse, row.HiddenGradient, _dStream, Gradient(TensorNames.OutputNorm),
            length, width);
        for (var block = row.Blocks.Length - 1; block >= 0; block--)
        {
            FeedForwardBackward(row.Blocks[block], block, length);
            AttentionBackward(row.Blocks[block], block, length);
        }

        // The embedding is also the output head (tied); its other share of the gradient came with the logits.
        var table = Gradient(TensorNames.TokenEmbedding);
        for (var position = 0; position < length; position++)
        {
            Add(_dStream + ((long)position * width), table + ((long)row.Tokens[position] * width), width);
        }
    }

    // _dStream, [length, embedding], holds the gradient after the block and is brought to that before it; the residual
    // path is the sum itself.
    void FeedForwardBackward(BlockActivations a, int block, int length)
    {
        var width = _config.EmbeddingLength;
        var hidden = _config.FeedForwardLength;
        Blas.TransposedTimes(width, hidden, length, 1, _dStream, width, a.Hidden, hidden, 1, Gradient(TensorNames.Down(block)), hidden);
        Blas.Times(length, hidden, width, 1, _dStream, width, Weight(TensorNames.Down(block)), hidden, 0, _dHidden, hidden);
        SwiGlu.Backward(a.GateUp, _dHidden, length, hidden);
        Blas.TransposedTimes(
            2 * hidden, width, length, 1, a.GateUp, 2 * hidden, a.FeedForwardNormed, width, 1, Gradient(TensorNames.Gate(block)), width);
        Blas.Times(length, width, 2 * hidden, 1, a.GateUp, 2 * hidden, Weight(TensorNames.Gate(block)), width, 0, _dNormed, width);
        RmsNorm.Backward(
            a.Middle, Weight(TensorNames.FeedForwardNorm(block)), a.FeedForwardInverse, _dNormed, _dStream,
            Gradient(TensorNames.FeedForwardNorm(block)), length, width);
    }

    void AttentionBackward(BlockActivations a, int block, int length)
    {
        var width = _config.EmbeddingLength;
        var mixed = _config.QueryLength;
        var values = _config.QueryLength + _config.KeyValueLength;
        Blas.TransposedTimes(
            width, mixed, length, 1, _dStream, width, a.Mixed, mixed, 1, Gradient(TensorNames.AttentionOutput(block)), mixed);
        Blas.Times(length, mixed, width, 1, _dStream, width, Weight(TensorNames.AttentionOutput(block)), mixed, 0, _dMixed, mixed);
        new Span<float>(_dProjected, length * _projectedLength).Clear();
        _attention.Backward(
            a.Query, a.Key, a.Projected + values, _projectedLength, a.Probabilities, a.Mixed, _dMixed, _dQuery, _dKey,
            _dProjected + values, _dProbabilities, length);
        _rotary.Backward(
            a.Projected, Weight(TensorNames.QueryNorm(block)), a.QueryInverse, _dQuery, _dProjected, _projectedLength,
            Gradient(TensorNames.QueryNorm(block)), _config.HeadCount, length);
        _rotary.Backward(
            a.Projected + _config.QueryLength, Weight(TensorNames.KeyNorm(block)), a.KeyInverse, _dKey,
            _dProjected + _config.QueryLength, _projectedLength, Gradient(TensorNames.KeyNorm(block)), _config.KeyValueHeadCount, length);
        Blas.TransposedTimes(
            _projectedLength, width, length, 1, _dProjected, _projectedLength, a.AttentionNormed, width, 1,
            Gradient(TensorNames.Query(block)), width);
        Blas.Times(
            length, width, _projectedLength, 1, _dProjected, _projectedLength, Weight(TensorNames.Query(block)), width, 0, _dNormed, width);
        RmsNorm.Backward(
            a.Input, Weight(TensorNames.AttentionNorm(block)), a.AttentionInverse, _dNormed, _dStream,
            Gradient(TensorNames.AttentionNorm(block)), length, width);
    }

    /// <param name="source">[length]</param>
    /// <param name="destination">[length], added to</param>
    static void Add(float* source, float* destination, int length)
    {
        for (var i = 0; i < length; i += Vector<float>.Count)
        {
            (Vector.Load(source + i) + Vector.Load(destination + i)).Store(destination + i);
        }
    }
}
