using System.Runtime.InteropServices;
using Noos.Language.Architectures;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

sealed unsafe partial class AdaptedDecoder
{
    /// <summary>From the gradient of the normed last hidden states in <see cref="_dNormed"/> down to the first block's pairs.</summary>
    void Backward()
    {
        var length = _tokens.Count * _config.EmbeddingLength;
        new Span<float>(_dStream, length).Clear();
        NormBackward(Input(_config.BlockCount), _model.OutputNorm, _normed, _dNormed, _dStream);
        for (var block = _config.BlockCount - 1; block >= 0; block--)
        {
            if (_options.Recompute && block < _config.BlockCount - 1)
            {
                // Into the next block's input, which is not needed any more. The last block is still as the forward pass left it.
                Forward(block, Input(block + 1));
            }

            FeedForwardBackward(block);
            AttentionBackward(block);
        }
    }

    // _dStream, [rows, embedding], holds the gradient after the block and is brought to that before it; the residual path is the sum
    // itself.
    void FeedForwardBackward(int block)
    {
        var (a, weights) = (ActivationsOf(block), _model.Blocks[block]);
        var rows = _tokens.Count;
        var (width, hidden) = (_config.EmbeddingLength, _config.FeedForwardLength);
        var dOutput = BeforePostNorm(weights.PostFeedForwardNorm, a.FeedForwardOutput);
        Activate(a.GateUp);
        _products.Backward(weights.Down, _hidden, dOutput, width, _dHidden, rows, accumulate: false);
        if (_config.Activation == Activation.GeGlu)
        {
            GeGlu.Backward(a.GateUp, _dHidden, rows, hidden);
        }
        else
        {
            SwiGlu.Backward(a.GateUp, _dHidden, rows, hidden);
        }

        Norm(a.Middle, weights.FeedForwardNorm, _normed);
        _products.Backward(weights.Gate, _normed, a.GateUp, 2 * hidden, _dNormed, rows, accumulate: false);
        _products.Backward(weights.Up, _normed, a.GateUp + hidden, 2 * hidden, _dNormed, rows, accumulate: true);
        NormBackward(a.Middle, weights.FeedForwardNorm, _normed, _dNormed, _dStream);
    }

    void AttentionBackward(int block)
    {
        var (a, weights) = (ActivationsOf(block), _model.Blocks[block]);
        var input = Input(block);
        var rows = _tokens.Count;
        var (width, projected) = (_config.EmbeddingLength, _config.ProjectedLength);
        var (key, value) = (_config.QueryLength, _config.QueryLength + _config.KeyValueLength);
        var dOutput = BeforePostNorm(weights.PostAttentionNorm, a.AttentionOutput);
        _products.Backward(weights.AttentionOutput, a.Mixed, dOutput, width, _dMixed, rows, accumulate: false);
        AttentionOf(block).Backward(weights, a.Projected, _dMixed, _dProjected, CollectionsMarshal.AsSpan(_sequences));
        Norm(input, weights.AttentionNorm, _normed);

        // Below the first block there is nothing to train.
        var dNormed = block > 0 ? _dNormed : null;
        _products.Backward(weights.Query, _normed, _dProjected, projected, dNormed, rows, accumulate: false);
        _products.Backward(weights.Key, _normed, _dProjected + key, projected, dNormed, rows, accumulate: true);
        _products.Backward(weights.Value, _normed, _dProjected + value, projected, dNormed, rows, accumulate: true);
        if (block > 0)
        {
            NormBackward(input, weights.AttentionNorm, _normed, _dNormed, _dStream);
        }
    }

    // Where a sublayer's product is normed once more, its gradient is not that of the stream.
    float* BeforePostNorm(float* norm, float* product)
    {
        if (norm == null)
        {
            return _dStream;
        }

        new Span<float>(_dOutput, _tokens.Count * _config.EmbeddingLength).Clear();
        NormBackward(product, norm, _normed, _dStream, _dOutput);
        return _dOutput;
    }

    // Adds the gradient of the input to dx. The forward pass is done again for its inverse root mean squares.
    void NormBackward(float* x, float* weight, float* y, float* dy, float* dx)
    {
        Norm(x, weight, y);
        new Span<float>(_unused, _config.EmbeddingLength).Clear();
        RmsNorm.Backward(x, weight, _inverse, dy, dx, _unused, _tokens.Count, _config.EmbeddingLength);
    }
}
