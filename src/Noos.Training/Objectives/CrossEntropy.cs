using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>Next-token prediction: the cross-entropy of each counted target, in nats. Weights of the rows are not looked at.</summary>
public sealed class CrossEntropy : IObjective
{
    /// <summary>The only instance that anyone needs: there are no settings.</summary>
    public static CrossEntropy Instance { get; } = new();

    public string Name => "cross-entropy";

    public int RowsPerSample => 1;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

    public double Weight(ReadOnlySpan<TrainingRow> sample) => sample[0].TargetCount;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        return outputs[0].SumOverTargets(sample[0].IsTarget, TokenLoss, gradient: scale != 0);

        double TokenLoss(ref TokenLogits logits)
        {
            var loss = logits.TakeLoss();
            if (scale != 0)
            {
                logits.SetGradient(scale);
            }

            return loss;
        }
    }
}
