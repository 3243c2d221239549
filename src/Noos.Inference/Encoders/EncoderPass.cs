using Noos.Inference.Kernels;
using Noos.Language.Architectures;

namespace Noos.Inference.Encoders;

/// <summary>
/// The forward pass of a BERT encoder (Devlin et al., arXiv:1810.04805) and its descendants over a group of texts by one worker. Whatever
/// is computed for one token and one output is computed in one order, so a text's states do not depend on its company.
/// </summary>
sealed unsafe class EncoderPass(EncoderConfig config, EncoderWeights weights)
{
    readonly DistanceBias?[] _alibi = config.Positions == EncoderPositions.Alibi
        ? [.. Enumerable.Range(0, config.HeadCount).Select(head =>
            // Scores are biased before they are divided by the root of the head's length.
            new DistanceBias((float)(DistanceBias.SlopeOf(head, config.HeadCount) * Math.Sqrt(config.HeadLength)), int.MaxValue))]
        : new DistanceBias?[config.HeadCount];

    readonly DistanceBias _window = new(0, config.WindowRadius);

    /// <summary>Computes the hidden states of some texts.</summary>
    /// <param name="texts">Together no more tokens than the workspace takes.</param>
    /// <param name="space">The worker's memory; its residual stream has the states afterwards, one text behind the other.</param>
    public void Execute(ReadOnlySpan<EncoderText> texts, EncoderWorkspace space)
    {
        var count = Embed(texts, space);
        for (var index = 0; index < weights.Blocks.Length; index++)
        {
            var block = weights.Blocks[index];
            var input = Normalize(block.InputNorm, space, count);
            Prepare(block.Query, input, count);
            Multiply(block.Query, input, space.Queries, count, space);
            Multiply(block.Key, input, space.Keys, count, space);
            Multiply(block.Value, input, space.Values, count, space);
            Rotate(texts, config.HasWindow(index) ? space.WindowRotations : space.Rotations, space);
            Attend(texts, space, config.HasWindow(index));
            Prepare(block.AttentionOutput, space.Attended, count);
            Multiply(block.AttentionOutput, space.Attended, space.Projected, count, space);
            Add(space, block.AttentionNorm, count);

            input = Normalize(block.FeedForwardNorm, space, count);
            Prepare(block.Up, input, count);
            FeedForward(block, input, count, space);
            Prepare(block.Down, space.Hidden, count);
            Multiply(block.Down, space.Hidden, space.Projected, count, space);
            Add(space, block.OutputNorm, count);
        }

        for (var token = 0; weights.OutputNorm is { } norm && token < count; token++)
        {
            var state = space.Residual.Row(token);
            LayerNorm.Execute(state, norm.Weight, norm.Bias, state, config.EmbeddingLength, config.NormEpsilon);
        }
    }

    /// <summary>Scores one pair of texts of a group whose states were computed.</summary>
    /// <param name="first">Where its states begin.</param>
    /// <param name="count">Number of its tokens.</param>
    /// <param name="space">The worker's memory; queries, keys and values are overwritten.</param>
    /// <returns>One score per label, as the head gives it.</returns>
    public float[] Score(int first, int count, EncoderWorkspace space)
    {
        var (head, width) = (weights.Head!, config.EmbeddingLength);
        var state = space.Queries;
        new ReadOnlySpan<float>(space.Residual.Row(first), width).CopyTo(new Span<float>(state.Row(0), width));
        for (var token = 1; config.ScoresMean && token < count; token++)
        {
            VectorMath.Add(space.Residual.Row(first + token), state.Row(0), width);
        }

        for (var column = 0; config.ScoresMean && column < width; column++)
        {
            state.Row(0)[column] /= count;
        }

        if (head.Dense is { } dense)
        {
            Prepare(dense, state, 1);
            Multiply(dense, state, space.Keys, 1, space);
            state = space.Keys;
            if (config.ScoresMean)
            {
                Gelu.Execute(state.Row(0), state.Stride);
            }
            else
            {
                for (var column = 0; column < dense.Matrix.Rows; column++)
                {
                    state.Row(0)[column] = MathF.Tanh(state.Row(0)[column]);
                }
            }
        }

        if (head.Norm is { } norm)
        {
            LayerNorm.Execute(state.Row(0), norm.Weight, norm.Bias, state.Row(0), width, config.NormEpsilon);
        }

        if (head.Output is { } output)
        {
            Prepare(output, state, 1);
            Multiply(output, state, space.Values, 1, space);
            state = space.Values;
        }

        return new ReadOnlySpan<float>(state.Row(0), config.LabelCount).ToArray();
    }

    int Embed(ReadOnlySpan<EncoderText> texts, EncoderWorkspace space)
    {
        var (row, width) = (0, config.EmbeddingLength);
        foreach (var (tokens, second) in texts)
        {
            for (var position = 0; position < tokens.Length; position++, row++)
            {
                var state = space.Residual.Row(row);
                var other = space.Projected.Row(row);
                weights.TokenEmbedding.CopyRow(tokens[position], state);
                if (weights.PositionEmbedding is { } positions)
                {
                    positions.CopyRow(position, other);
                    VectorMath.Add(other, state, width);
                }

                if (weights.TokenTypes is { } types)
                {
                    types.CopyRow(position >= second && config.TokenTypeCount > 1 ? 1 : 0, other);
                    VectorMath.Add(other, state, width);
                }

                LayerNorm.Execute(state, weights.EmbeddingNorm.Weight, weights.EmbeddingNorm.Bias, state, width, config.NormEpsilon);
            }
        }

        return row;
    }

    /// <summary>Rotates queries and keys; positions begin anew with each text.</summary>
    void Rotate(ReadOnlySpan<EncoderText> texts, Activations? rotations, EncoderWorkspace space)
    {
        if (rotations is null)
        {
            return;
        }

        var row = 0;
        foreach (var (tokens, _) in texts)
        {
            for (var position = 0; position < tokens.Length; position++, row++)
            {
                for (var head = 0; head < config.HeadCount; head++)
                {
                    var offset = head * config.HeadLength;
                    RotaryEmbedding.Execute(space.Queries.Row(row) + offset, config.HeadLength / 2, rotations.Row(position));
                    RotaryEmbedding.Execute(space.Keys.Row(row) + offset, config.HeadLength / 2, rotations.Row(position));
                }
            }
        }
    }

    void Attend(ReadOnlySpan<EncoderText> texts, EncoderWorkspace space, bool hasWindow)
    {
        var first = 0;
        foreach (var (tokens, _) in texts)
        {
            for (var head = 0; head < config.HeadCount; head++)
            {
                var offset = head * config.HeadLength;
                space.Attention.Execute(
                    space.Queries.Row(first) + offset, space.Keys.Row(first) + offset, space.Values.Row(first) + offset,
                    space.Attended.Row(first) + offset, space.Queries.Stride, tokens.Length, hasWindow ? _window : _alibi[head]);
            }

            first += tokens.Length;
        }
    }

    void FeedForward(EncoderBlock block, Activations input, int count, EncoderWorkspace space)
    {
        Multiply(block.Gate ?? block.Up, input, space.Hidden, count, space);
        if (space.Gated is { } up)
        {
            Multiply(block.Up, input, up, count, space);
        }

        for (var token = 0; token < count; token++)
        {
            var hidden = space.Hidden.Row(token);
            switch (config.Activation)
            {
                case EncoderActivation.Gelu:
                    Gelu.Execute(hidden, space.Hidden.Stride);
                    break;
                case EncoderActivation.GeGlu:
                    Gelu.Execute(hidden, space.Gated!.Row(token), space.Hidden.Stride);
                    break;
                default:
                    FeedForwardActivation.Execute(Activation.SwiGlu, hidden, space.Gated!.Row(token), config.FeedForwardLength);
                    break;
            }
        }
    }

    /// <summary>What a layer reads: the residual stream, behind the norm where one stands there.</summary>
    Activations Normalize(NormWeights? norm, EncoderWorkspace space, int count)
    {
        if (norm is null)
        {
            return space.Residual;
        }

        for (var token = 0; token < count; token++)
        {
            LayerNorm.Execute(
                space.Residual.Row(token), norm.Weight, norm.Bias, space.Normed.Row(token), config.EmbeddingLength, config.NormEpsilon);
        }

        return space.Normed;
    }

    /// <summary>Adds a layer's result to the residual stream, and normalizes it where a norm stands behind.</summary>
    void Add(EncoderWorkspace space, NormWeights? norm, int count)
    {
        for (var token = 0; token < count; token++)
        {
            var state = space.Residual.Row(token);
            VectorMath.Add(space.Projected.Row(token), state, config.EmbeddingLength);
            if (norm is not null)
            {
                LayerNorm.Execute(state, norm.Weight, norm.Bias, state, config.EmbeddingLength, config.NormEpsilon);
            }
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
            var row = new Span<float>(output.Row(token), layer.Matrix.Rows);
            if (layer.Bias is null)
            {
                row.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(layer.Bias, layer.Matrix.Rows).CopyTo(row);
            }
        }

        layer.Matrix.Multiply(
            0, layer.Matrix.PanelCount, input.View, count, output.Row(0), output.Stride, accumulate: true, space.Scratch);
    }
}
