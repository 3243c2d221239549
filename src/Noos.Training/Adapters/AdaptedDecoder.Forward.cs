using System.Runtime.InteropServices;
using Noos.Language.Architectures;
using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

sealed unsafe partial class AdaptedDecoder
{
    /// <summary>Computes all blocks over the rows that were appended; the normed last hidden states are in <see cref="_normed"/>.</summary>
    void Forward()
    {
        var rows = _tokens.Count;
        var width = _config.EmbeddingLength;
        for (var row = 0; row < rows; row++)
        {
            if ((uint)_tokens[row] >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException($"Token {_tokens[row]} is outside the vocabulary of {_config.VocabularySize}.");
            }

            var vector = Input(0) + ((long)row * width);
            _model.TokenEmbedding.Dequantize(_tokens[row], 1, vector);
            for (var i = 0; i < width; i++)
            {
                vector[i] *= _config.EmbeddingScale;
            }
        }

        for (var block = 0; block < _config.BlockCount; block++)
        {
            Forward(block, Input(block + 1));
        }

        Norm(Input(_config.BlockCount), _model.OutputNorm, _normed);
    }

    /// <param name="output">[rows, embedding] residual stream after the block</param>
    void Forward(int block, float* output)
    {
        var (a, weights) = (ActivationsOf(block), _model.Blocks[block]);
        var input = Input(block);
        var rows = _tokens.Count;
        var (width, hidden, projected) = (_config.EmbeddingLength, _config.FeedForwardLength, _config.ProjectedLength);
        Norm(input, weights.AttentionNorm, _normed);
        _products.Forward(weights.Query, _normed, a.Projected, projected, rows);
        _products.Forward(weights.Key, _normed, a.Projected + _config.QueryLength, projected, rows);
        _products.Forward(weights.Value, _normed, a.Projected + _config.QueryLength + _config.KeyValueLength, projected, rows);
        AttentionOf(block).Forward(weights, a.Projected, a.Mixed, CollectionsMarshal.AsSpan(_sequences));
        Join(weights.AttentionOutput, a.Mixed, weights.PostAttentionNorm, a.AttentionOutput, input, a.Middle);

        Norm(a.Middle, weights.FeedForwardNorm, _normed);
        _products.Forward(weights.Gate, _normed, a.GateUp, 2 * hidden, rows);
        _products.Forward(weights.Up, _normed, a.GateUp + hidden, 2 * hidden, rows);
        Activate(a.GateUp);
        Join(weights.Down, _hidden, weights.PostFeedForwardNorm, a.FeedForwardOutput, a.Middle, output);

        // A sublayer's product joins the residual stream, normed before where the family does.
        void Join(FrozenMatrix matrix, float* x, float* postNorm, float* product, float* residual, float* stream)
        {
            if (postNorm == null)
            {
                new ReadOnlySpan<float>(residual, rows * width).CopyTo(new Span<float>(stream, rows * width));
                _products.Forward(matrix, x, stream, width, rows, accumulate: true);
                return;
            }

            _products.Forward(matrix, x, product, width, rows);
            Norm(product, postNorm, stream);
            AdaptedProducts.Add(residual, stream, (long)rows * width);
        }
    }

    void Activate(float* gateUp)
    {
        if (_config.Activation == Activation.GeGlu)
        {
            GeGlu.Forward(gateUp, _hidden, _tokens.Count, _config.FeedForwardLength);
        }
        else
        {
            SwiGlu.Forward(gateUp, _hidden, _tokens.Count, _config.FeedForwardLength);
        }
    }

    // Leaves the inverse root mean squares in _inverse.
    void Norm(float* x, float* weight, float* y) =>
        RmsNorm.Forward(x, weight, y, _inverse, _tokens.Count, _config.EmbeddingLength, _config.NormEpsilon);
}
