using System.Numerics;
using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

public sealed unsafe partial class FusedTransformer
{
    /// <summary>From the gradient of the last hidden states, left by the objective, down to the embedding.</summary>
    /// <param name="accumulate">False: the gradients of the blocks' matrices are written, all others added to.</param>
    void Backward(RowActivations row, bool accumulate)
    {
        var width = _config.EmbeddingLength;
        var length = row.Length;
        new Span<float>(_dStream, length * width).Clear();
        RmsNorm.Backward(
            row.Output, Weight(TensorNames.OutputNorm), row.OutputInverse, row.HiddenGradient, _dStream, Gradient(TensorNames.OutputNorm),
            length, width);
        for (var block = row.Blocks.Length - 1; block >= 0; block--)
        {
            FeedForwardBackward(row.Blocks[block], block, length, accumulate);
            AttentionBackward(row.Blocks[block], block, length, accumulate);
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
    void FeedForwardBackward(BlockActivations a, int block, int length, bool accumulate)
    {
        var width = _config.EmbeddingLength;
        var hidden = _config.FeedForwardLength;
        _products.Backward(_matrices.Down(block), a.Hidden, _dStream, width, _dHidden, length, accumulate);
        SwiGlu.Backward(a.GateUp, _dHidden, length, hidden);
        _products.Backward(_matrices.GateUp(block), a.FeedForwardNormed, a.GateUp, 2 * hidden, _dNormed, length, accumulate);
        RmsNorm.Backward(
            a.Middle, Weight(TensorNames.FeedForwardNorm(block)), a.FeedForwardInverse, _dNormed, _dStream,
            Gradient(TensorNames.FeedForwardNorm(block)), length, width);
    }

    void AttentionBackward(BlockActivations a, int block, int length, bool accumulate)
    {
        var width = _config.EmbeddingLength;
        var values = _config.QueryLength + _config.KeyValueLength;
        _products.Backward(_matrices.AttentionOutput(block), a.Mixed, _dStream, width, _dMixed, length, accumulate);
        new Span<float>(_dProjected, length * _projectedLength).Clear();
        _attention.Backward(
            a.Query, a.Key, a.Projected + values, _projectedLength, a.Probabilities, _dMixed, _dQuery, _dKey,
            _dProjected + values, _dProbabilities, length);
        _rotary.Backward(
            a.Projected, Weight(TensorNames.QueryNorm(block)), a.QueryInverse, _dQuery, _dProjected, _projectedLength,
            Gradient(TensorNames.QueryNorm(block)), _config.HeadCount, length);
        _rotary.Backward(
            a.Projected + _config.QueryLength, Weight(TensorNames.KeyNorm(block)), a.KeyInverse, _dKey,
            _dProjected + _config.QueryLength, _projectedLength, Gradient(TensorNames.KeyNorm(block)), _config.KeyValueHeadCount, length);
        _products.Backward(_matrices.Projection(block), a.AttentionNormed, _dProjected, _projectedLength, _dNormed, length, accumulate);
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
