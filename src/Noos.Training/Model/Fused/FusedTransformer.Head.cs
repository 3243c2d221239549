namespace Noos.Training.Model.Fused;

public sealed unsafe partial class FusedTransformer
{
    /// <summary>
    /// Sums a loss over the counted positions of a row. With <paramref name="gradient"/> also adds the gradient of the embedding as output
    /// head, and of the last hidden states to those of the row.
    /// </summary>
    internal double SumOverTargets(RowActivations row, ReadOnlySpan<bool> isTarget, TokenLoss tokenLoss, bool gradient)
    {
        var width = _config.EmbeddingLength;
        var vocabulary = _config.VocabularySize;
        var length = row.Length;
        var positions = stackalloc int[LogitRows];
        double loss = 0;
        for (var position = 0; position < length;)
        {
            // Only counted positions enter the tile, packed: a masked row pays for its targets alone.
            var rows = 0;
            for (; position < length && rows < LogitRows; position++)
            {
                if (isTarget.IsEmpty || isTarget[position])
                {
                    Copy(row.OutputNormed + ((long)position * width), _targetNormed + ((long)rows * width), width);
                    positions[rows++] = position;
                }
            }

            if (rows == 0)
            {
                break;
            }

            // [rows, vocabulary] = [rows, embedding] · [vocabulary, embedding]ᵀ
            _products.Forward(_matrices.Embedding, _targetNormed, _logits, _logitStride, rows, accumulate: false);
            for (var tile = 0; tile < rows; tile++)
            {
                var logits = new TokenLogits(
                    _logits + ((long)tile * _logitStride), vocabulary, positions[tile], row.Tokens[positions[tile] + 1]);
                loss += tokenLoss(ref logits);
            }

            if (gradient)
            {
                // The logits are their own gradient by now.
                _products.Backward(_matrices.Embedding, _targetNormed, _logits, _logitStride, _dTargets, rows, accumulate: true);
                for (var tile = 0; tile < rows; tile++)
                {
                    Add(_dTargets + ((long)tile * width), row.HiddenGradient + ((long)positions[tile] * width), width);
                }
            }
        }

        return loss;
    }
}
