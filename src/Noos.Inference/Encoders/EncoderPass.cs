using Noos.Inference.Kernels;
using Noos.Language.Architectures;

namespace Noos.Inference.Encoders;

/// <summary>
/// The forward pass of a BERT encoder (Devlin et al., arXiv:1810.04805) over a group of texts by one worker. Whatever is computed for one
/// token and one output is computed in one order, so a text's states do not depend on its company.
/// </summary>
sealed unsafe class EncoderPass(EncoderConfig config, EncoderWeights weights)
{
    /// <summary>Computes the hidden states of some texts.</summary>
    /// <param name="texts">Tokens of each; together no more than the workspace takes.</param>
    /// <param name="space">The worker's memory; its residual stream has the states afterwards, one text behind the other.</param>
    public void Execute(ReadOnlySpan<int[]> texts, EncoderWorkspace space)
    {
        var count = Embed(texts, space);
        foreach (var block in weights.Blocks)
        {
            Prepare(block.Query, space.Residual, count);
            Multiply(block.Query, space.Residual, space.Queries, count, space);
            Multiply(block.Key, space.Residual, space.Keys, count, space);
            Multiply(block.Value, space.Residual, space.Values, count, space);
            Attend(texts, space);
            Prepare(block.AttentionOutput, space.Attended, count);
            Multiply(block.AttentionOutput, space.Attended, space.Projected, count, space);
            AddAndNormalize(space, block.AttentionNorm, count);

            Prepare(block.Up, space.Residual, count);
            Multiply(block.Up, space.Residual, space.Hidden, count, space);
            for (var token = 0; token < count; token++)
            {
                Gelu.Execute(space.Hidden.Row(token), space.Hidden.Stride);
            }

            Prepare(block.Down, space.Hidden, count);
            Multiply(block.Down, space.Hidden, space.Projected, count, space);
            AddAndNormalize(space, block.OutputNorm, count);
        }
    }

    int Embed(ReadOnlySpan<int[]> texts, EncoderWorkspace space)
    {
        var (row, width) = (0, config.EmbeddingLength);
        foreach (var text in texts)
        {
            for (var position = 0; position < text.Length; position++, row++)
            {
                var state = space.Residual.Row(row);
                var other = space.Projected.Row(row);
                weights.TokenEmbedding.CopyRow(text[position], state);
                weights.PositionEmbedding.CopyRow(position, other);
                VectorMath.Add(other, state, width);
                if (weights.TokenTypes is { } types)
                {
                    types.CopyRow(0, other);
                    VectorMath.Add(other, state, width);
                }

                LayerNorm.Execute(state, weights.EmbeddingNorm.Weight, weights.EmbeddingNorm.Bias, state, width, config.NormEpsilon);
            }
        }

        return row;
    }

    void Attend(ReadOnlySpan<int[]> texts, EncoderWorkspace space)
    {
        var first = 0;
        foreach (var text in texts)
        {
            for (var head = 0; head < config.HeadCount; head++)
            {
                var offset = head * config.HeadLength;
                space.Attention.Execute(
                    space.Queries.Row(first) + offset, space.Keys.Row(first) + offset, space.Values.Row(first) + offset,
                    space.Attended.Row(first) + offset, space.Queries.Stride, text.Length);
            }

            first += text.Length;
        }
    }

    void AddAndNormalize(EncoderWorkspace space, NormWeights norm, int count)
    {
        for (var token = 0; token < count; token++)
        {
            var state = space.Residual.Row(token);
            VectorMath.Add(space.Projected.Row(token), state, config.EmbeddingLength);
            LayerNorm.Execute(state, norm.Weight, norm.Bias, state, config.EmbeddingLength, config.NormEpsilon);
        }
    }

    static void Prepare(LinearLayer consumer, Activations activations, int count)
    {
        for (var token = 0; token < count && consumer.Matrix.QuantizesActivations; token++)
        {
            activations.Quantize(token);
        }
    }

    static void Multiply(LinearLayer layer, Activations input, Activations output, int count, EncoderWorkspace space)
    {
        for (var token = 0; token < count; token++)
        {
            new ReadOnlySpan<float>(layer.Bias, layer.Matrix.Rows).CopyTo(new Span<float>(output.Row(token), layer.Matrix.Rows));
        }

        layer.Matrix.Multiply(
            0, layer.Matrix.PanelCount, input.View, count, output.Row(0), output.Stride, accumulate: true, space.Scratch);
    }
}
