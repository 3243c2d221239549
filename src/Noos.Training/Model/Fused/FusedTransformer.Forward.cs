using Noos.Language.Models;

namespace Noos.Training.Model.Fused;

public sealed unsafe partial class FusedTransformer
{
    /// <summary>Fills the activations of one row.</summary>
    void Forward(ReadOnlySpan<int> tokens, RowActivations row)
    {
        var length = tokens.Length - 1;
        if (length < 1 || length > _config.ContextLength)
        {
            throw new ArgumentException($"A row must have 2 to {_config.ContextLength + 1} tokens, not {tokens.Length}.", nameof(tokens));
        }

        row.Length = length;
        tokens.CopyTo(row.Tokens);
        new Span<float>(row.HiddenGradient, length * _config.EmbeddingLength).Clear();
        Embed(tokens[..length], row.Blocks.Length > 0 ? row.Blocks[0].Input : row.Output);
        for (var block = 0; block < row.Blocks.Length; block++)
        {
            var next = block + 1 < row.Blocks.Length ? row.Blocks[block + 1].Input : row.Output;
            AttentionForward(row.Blocks[block], block, length);
            FeedForwardForward(row.Blocks[block], block, length, next);
        }

        RmsNorm.Forward(
            row.Output, Weight(TensorNames.OutputNorm), row.OutputNormed, row.OutputInverse, length, _config.EmbeddingLength,
            _config.NormEpsilon);
    }

    /// <param name="stream">[length, embedding]</param>
    void Embed(ReadOnlySpan<int> tokens, float* stream)
    {
        var width = _config.EmbeddingLength;
        var table = Weight(TensorNames.TokenEmbedding);
        for (var position = 0; position < tokens.Length; position++)
        {
            if ((uint)tokens[position] >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException(
                    $"Token {tokens[position]} is outside the vocabulary of {_config.VocabularySize}.", nameof(tokens));
            }

            new ReadOnlySpan<float>(table + ((long)tokens[position] * width), width)
                .CopyTo(new Span<float>(stream + ((long)position * width), width));
        }
    }

    void AttentionForward(BlockActivations a, int block, int length)
    {
        var width = _config.EmbeddingLength;
        RmsNorm.Forward(
            a.Input, Weight(TensorNames.AttentionNorm(block)), a.AttentionNormed, a.AttentionInverse, length, width, _config.NormEpsilon);

        _products.Forward(
            _matrices.Projection(block), a.AttentionNormed, a.Projected, _projectedLength, length, accumulate: false);
        _rotary.Forward(
            a.Projected, _projectedLength, Weight(TensorNames.QueryNorm(block)), a.Query, a.QueryInverse, _config.HeadCount, length);
        _rotary.Forward(
            a.Projected + _config.QueryLength, _projectedLength, Weight(TensorNames.KeyNorm(block)), a.Key, a.KeyInverse,
            _config.KeyValueHeadCount, length);
        _attention.Forward(
            a.Query, a.Key, a.Projected + _config.QueryLength + _config.KeyValueLength, _projectedLength, a.Probabilities, a.Mixed, length);

        // The product is added to the residual: no pass of its own for the addition.
        Copy(a.Input, a.Middle, length * width);
        _products.Forward(_matrices.AttentionOutput(block), a.Mixed, a.Middle, width, length, accumulate: true);
    }

    /// <param name="next">[length, embedding] residual stream after the block</param>
    void FeedForwardForward(BlockActivations a, int block, int length, float* next)
    {
        var width = _config.EmbeddingLength;
        var hidden = _config.FeedForwardLength;
        RmsNorm.Forward(
            a.Middle, Weight(TensorNames.FeedForwardNorm(block)), a.FeedForwardNormed, a.FeedForwardInverse, length, width,
            _config.NormEpsilon);
        _products.Forward(_matrices.GateUp(block), a.FeedForwardNormed, a.GateUp, 2 * hidden, length, accumulate: false);
        SwiGlu.Forward(a.GateUp, a.Hidden, length, hidden);
        Copy(a.Middle, next, length * width);
        _products.Forward(_matrices.Down(block), a.Hidden, next, width, length, accumulate: true);
    }

    static void Copy(float* source, float* destination, int length) =>
        new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(destination, length));
}
