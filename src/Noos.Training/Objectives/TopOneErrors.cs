using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// For evaluations only: how many counted targets are not the likeliest token. Divided by the targets it is one minus the top-1 accuracy.
/// Has no gradient.
/// </summary>
public sealed class TopOneErrors : IObjective
{
    public static TopOneErrors Instance { get; } = new();

    public string Name => "top-one errors";

    public int RowsPerSample => 1;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

    public double Weight(ReadOnlySpan<TrainingRow> sample) => sample[0].TargetCount;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        if (scale != 0)
        {
            throw new NoosException(ErrorKind.Invalid, "Counting errors has no gradient; train with cross-entropy.");
        }

        return outputs[0].SumOverTargets(sample[0].IsTarget, IsWrong, gradient: false);

        static double IsWrong(ref TokenLogits logits)
        {
            var right = logits.Values[logits.Target];
            foreach (var other in logits.Values)
            {
                if (other > right)
                {
                    return 1;
                }
            }

            // Equal logits are no decision for another token; a model that has learnt nothing has them all different.
            return float.IsNaN(right) ? 1 : 0;
        }
    }
}
