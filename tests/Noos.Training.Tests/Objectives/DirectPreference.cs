using Noos.Language.Models;
using Noos.Training.Model;
using Noos.Training.Objectives;

namespace Noos.Training.Tests.Objectives;

/// <summary>
/// DPO (Rafailov et al., 2023) by what the library offers to everyone: a first look at the log-probabilities of both
/// rows, then their gradient.
/// </summary>
sealed class DirectPreference(double beta) : IObjective
{
    public const string Reference = "reference_log_probability";

    public string Name => "dpo";

    public int RowsPerSample => 2;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

    public double Weight(ReadOnlySpan<TrainingRow> sample) => 1;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        Span<double> margins = stackalloc double[2];
        for (var row = 0; row < 2; row++)
        {
            var nats = outputs[row].SumOverTargets(sample[row].IsTarget, static (ref logits) => logits.TakeLoss(), gradient: false);
            margins[row] = -nats - sample[row].Extra(Reference, 1)[0];
        }

        var x = beta * (margins[0] - margins[1]);
        if (scale != 0)
        {
            var pull = beta / (1 + Math.Exp(x));
            for (var row = 0; row < 2; row++)
            {
                var coefficient = (float)(scale * (row == 0 ? pull : -pull));
                outputs[row].SumOverTargets(
                    sample[row].IsTarget,
                    (ref logits) =>
                    {
                        var loss = logits.TakeLoss();
                        logits.SetGradient(coefficient);
                        return loss;
                    },
                    gradient: true);
            }
        }

        return Math.Log(1 + Math.Exp(-x));
    }
}
