using Noos.Training.Model.Fused;

namespace Noos.Training.Adapters;

sealed unsafe partial class AdaptedDecoder
{
    // Floats of logits that are computed at a time: 64 MB.
    const int MaxLogits = 1 << 24;
    const int MinLogitRows = 16;
    const int MaxLogitRows = 256;

    readonly int _logitRows;
    readonly int _logitStride;

    // [logit rows, vocabulary, embedding and embedding]
    readonly float* _logits;
    readonly float* _targetNormed;
    readonly float* _dTargets;
    readonly List<(int Row, int Target, float Weight)> _targets = [];

    static int LogitRows(int vocabulary) => Math.Clamp(MaxLogits / vocabulary, MinLogitRows, MaxLogitRows);

    /// <summary>
    /// Sums weight · cross-entropy over the targets. With <paramref name="addsGradient"/> leaves the gradient of the normed hidden states
    /// in <see cref="_dNormed"/>. Only the targets pay for the head.
    /// </summary>
    double Head(ReadOnlySpan<AdapterRow> rows, float scale, bool addsGradient)
    {
        FindTargets(rows);
        var width = _config.EmbeddingLength;
        if (addsGradient)
        {
            new Span<float>(_dNormed, _tokens.Count * width).Clear();
        }

        double loss = 0;
        for (var first = 0; first < _targets.Count; first += _logitRows)
        {
            var count = Math.Min(_logitRows, _targets.Count - first);
            for (var i = 0; i < count; i++)
            {
                new ReadOnlySpan<float>(_normed + ((long)_targets[first + i].Row * width), width)
                    .CopyTo(new Span<float>(_targetNormed + ((long)i * width), width));
            }

            _products.ForwardFrozen(_model.Output, _targetNormed, _logits, _logitStride, count, accumulate: false);
            for (var i = 0; i < count; i++)
            {
                var (_, target, weight) = _targets[first + i];
                var logits = _logits + ((long)i * _logitStride);
                loss += weight * SoftmaxCrossEntropy.Loss(logits, _config.VocabularySize, target, out var total);
                if (addsGradient)
                {
                    SoftmaxCrossEntropy.Gradient(logits, _config.VocabularySize, target, total, scale * weight);
                }
            }

            if (addsGradient)
            {
                // The logits are their own gradient by now.
                _products.BackwardFrozen(_model.Output, _logits, _logitStride, _dTargets, count, accumulate: false);
                for (var i = 0; i < count; i++)
                {
                    new ReadOnlySpan<float>(_dTargets + ((long)i * width), width)
                        .CopyTo(new Span<float>(_dNormed + ((long)_targets[first + i].Row * width), width));
                }
            }
        }

        return loss;
    }

    void FindTargets(ReadOnlySpan<AdapterRow> rows)
    {
        _targets.Clear();
        for (var index = 0; index < rows.Length; index++)
        {
            var row = rows[index].Row;
            for (var position = 0; position < row.Length; position++)
            {
                if (row.Counts(position))
                {
                    _targets.Add((
                        _sequences[index].First + position, row.Tokens[position + 1],
                        row.Weights.Length == 0 ? 1 : row.Weights[position]));
                }
            }
        }
    }
}
