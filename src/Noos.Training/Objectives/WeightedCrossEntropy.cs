using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// Next-token prediction where each target counts by its weight (<see cref="TrainingRow.Weights"/>): Σ w · cross-entropy / Σ w.
/// Stronger end tokens, fresh rows against old ones; negative weights push away (unlikelihood by advantage), as long as the
/// batch's sum stays positive.
/// </summary>
public sealed class WeightedCrossEntropy : IObjective
{
    public string Name => "weighted-cross-entropy";

    public int RowsPerSample => 1;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

    public double Weight(ReadOnlySpan<TrainingRow> sample)
    {
        var row = sample[0];
        if (row.Weights.Length == 0)
        {
            return row.TargetCount;
        }

        Check(row);
        double sum = 0;
        for (var position = 0; position < row.Length; position++)
        {
            sum += row.Counts(position) ? row.Weights[position] : 0;
        }

        return sum;
    }

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        var row = sample[0];
        Check(row);
        return outputs[0].SumOverTargets(row.IsTarget, TokenLoss, gradient: scale != 0);

        double TokenLoss(ref TokenLogits logits)
        {
            var weight = row.Weights.Length == 0 ? 1 : row.Weights[logits.Position];
            var loss = logits.TakeLoss();
            if (scale != 0)
            {
                logits.SetGradient(scale * weight);
            }

            return weight * loss;
        }
    }

    static void Check(TrainingRow row)
    {
        if (row.Weights.Length != 0 && row.Weights.Length != row.Length)
        {
            throw new NoosException(ErrorKind.Invalid,
                $"A training row has {row.Weights.Length:N0} weights for {row.Length:N0} targets; give one for each, or none.");
        }
    }
}
