using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

public sealed unsafe partial class FusedTransformer
{
    /// <summary>Fills the activations; returns the number of positions.</summary>
    int Forward(ReadOnlySpan<int> tokens)
    {
        var length = tokens.Length - 1;
        if (length < 1 || length > _config.ContextLength)
        {
            throw new ArgumentException($"A row must have 2 to {_config.ContextLength + 1} tokens, not {tokens.Length}.", nameof(tokens));
        }

        Embed(tokens[..length], _blocks.Length > 0 ? _blocks[0].Input : _output);
        for (var block = 0; block < _blocks.Length; block++)
        {
            var next = block + 1 < _blocks.Length ? _blocks[block + 1].Input : _output;
            AttentionForward(block, length);
            FeedForwardForward(block, length, next);
        }

        RmsNorm.Forward(_output, Weight(TensorNames.OutputNorm), _outputNormed, _outputInverse, length, _config.EmbeddingLength, _config.NormEpsilon);
        return length;
    }

    void Embed(ReadOnlySpan<int> tokens, float* stream)
    {
        var width = _config.EmbeddingLength;
        var table = Weight(TensorNames.TokenEmbedding);
        for (var position = 0; position < tokens.Length; position++)
        {
            if ((uint)tokens[position] >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException($"Token {tokens[position]} is outside the vocabulary of {_config.VocabularySize}.", nameof(tokens));
            }

            new ReadOnlySpan<float>(table + ((long)tokens[position] * width), width).CopyTo(new Span<float>(stream + ((long)position * width), width));
        }
    }

    void AttentionForward(int block, int length)
    {
        var width = _config.EmbeddingLength;
        var a = _blocks[block];
        RmsNorm.Forward(a.Input, Weight(TensorNames.AttentionNorm(block)), a.AttentionNormed, a.AttentionInverse, length, width, _config.NormEpsilon);
        Blas.TimesTransposed(length, _projectedLength, width, 1, a.AttentionNormed, width, Weight(TensorNames.Query(block)), width, 0, a.Projected, _projectedLength);
        _rotary.Forward(a.Projected, _projectedLength, Weight(TensorNames.QueryNorm(block)), a.Query, a.QueryInverse, _config.HeadCount, length);
        _rotary.Forward(a.Projected + _config.QueryLength, _projectedLength, Weight(TensorNames.KeyNorm(block)), a.Key, a.KeyInverse, _config.KeyValueHeadCount, length);
        _attention.Forward(a.Query, a.Key, a.Projected + _config.QueryLength + _config.KeyValueLength, _projectedLength, a.Probabilities, a.Mixed, length);
        Copy(a.Input, a.Middle, length * width);
        Blas.TimesTransposed(length, width, _config.QueryLength, 1, a.Mixed, _config.QueryLength, Weight(TensorNames.AttentionOutput(block)), _config.QueryLength, 1, a.Middle, width);
    }

    void FeedForwardForward(int block, int length, float* next)
    {
        var width = _config.EmbeddingLength;
        var hidden = _config.FeedForwardLength;
        var a = _blocks[block];
        RmsNorm.Forward(a.Middle, Weight(TensorNames.FeedForwardNorm(block)), a.FeedForwardNormed, a.FeedForwardInverse, length, width, _config.NormEpsilon);
        Blas.TimesTransposed(length, 2 * hidden, width, 1, a.FeedForwardNormed, width, Weight(TensorNames.Gate(block)), width, 0, a.GateUp, 2 * hidden);
        SwiGlu.Forward(a.GateUp, a.Hidden, length, hidden);
        Copy(a.Middle, next, length * width);
        Blas.TimesTransposed(length, width, hidden, 1, a.Hidden, hidden, Weight(TensorNames.Down(block)), hidden, 1, next, width);
    }

    /// <summary>
    /// Loss over the counted targets. With a scale, also the gradient of the embedding as output head, and of the normed stream into
    /// the buffer of normed gradients.
    /// </summary>
    double Head(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget, float scale)
    {
        var width = _config.EmbeddingLength;
        var vocabulary = _config.VocabularySize;
        var length = tokens.Length - 1;
        var table = Weight(TensorNames.TokenEmbedding);
        var positions = stackalloc int[LogitRows];
        double loss = 0;
        if (scale != 0)
        {
            new Span<float>(_dNormed, length * width).Clear();
        }

        for (var position = 0; position < length;)
        {
            var rows = 0;
            for (; position < length && rows < LogitRows; position++)
            {
                if (isTarget.IsEmpty || isTarget[position])
                {
                    Copy(_outputNormed + ((long)position * width), _targetNormed + ((long)rows * width), width);
                    positions[rows++] = position;
                }
            }

            if (rows == 0)
            {
                break;
            }

            Blas.TimesTransposed(rows, vocabulary, width, 1, _targetNormed, width, table, width, 0, _logits, _logitStride);
            for (var row = 0; row < rows; row++)
            {
                loss += CrossEntropy.Row(_logits + ((long)row * _logitStride), vocabulary, tokens[positions[row] + 1], scale);
            }

            if (scale != 0)
            {
                Blas.Times(rows, width, vocabulary, 1, _logits, _logitStride, table, width, 0, _dTargets, width);
                Blas.TransposedTimes(vocabulary, width, rows, 1, _logits, _logitStride, _targetNormed, width, 1, Gradient(TensorNames.TokenEmbedding), width);
                for (var row = 0; row < rows; row++)
                {
                    Copy(_dTargets + ((long)row * width), _dNormed + ((long)positions[row] * width), width);
                }
            }
        }

        return loss;
    }

    static void Copy(float* source, float* destination, int length) =>
        new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(destination, length));
}
