using System.Globalization;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// DPO (Rafailov et al., 2023): a sample is the better and the worse answer to one prompt, and the loss is −log σ(β · (margin of the better
/// − margin of the worse)) in nats. The margin of a row is the log-probability of its counted targets less the same under the reference
/// model (<see cref="Reference"/>). A pair counts as one.
/// </summary>
public sealed class DirectPreference : IObjective
{
    /// <summary>Column of a row, [1]: the log-probability of its counted targets under the model that the training began with.</summary>
    public const string Reference = "reference_log_probability";

    readonly double _beta;
    readonly double _flipRate;

    /// <param name="beta">How dear it is to leave the reference, above 0.</param>
    /// <param name="flipRate">
    /// Share of pairs that the labellers are thought to have got wrong, [0, 0.5): conservative DPO (Mitchell, 2023).
    /// </param>
    /// <exception cref="NoosException">A number is out of its range.</exception>
    public DirectPreference(double beta = 0.1, double flipRate = 0)
    {
        if (beta is not (> 0 and <= 100) || flipRate is not (>= 0 and < 0.5))
        {
            throw new NoosException(
                ErrorKind.Invalid, $"DPO takes a beta above 0 and at most 100 and a flip rate in [0, 0.5), not {beta} and {flipRate}.");
        }

        (_beta, _flipRate) = (beta, flipRate);
        Name = string.Create(CultureInfo.InvariantCulture, $"dpo beta={beta:r}")
            + (flipRate == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" flip_rate={flipRate:r}"));
    }

    public string Name { get; }

    public int RowsPerSample => 2;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => [];

    /// <summary>1: a pair.</summary>
    public double Weight(ReadOnlySpan<TrainingRow> sample) => 1;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        Span<double> margins = stackalloc double[2];
        for (var row = 0; row < 2; row++)
        {
            var reference = sample[row].Extra(Reference, 1)[0];
            var nats = outputs[row].SumOverTargets(sample[row].IsTarget, static (ref logits) => logits.TakeLoss(), gradient: false);
            margins[row] = -nats - reference;
        }

        var difference = _beta * (margins[0] - margins[1]);
        if (scale != 0)
        {
            var pull = _beta * (((1 - _flipRate) * Logistic.Sigmoid(-difference)) - (_flipRate * Logistic.Sigmoid(difference)));
            AddGradient(sample[0], outputs[0], (float)(scale * pull));
            AddGradient(sample[1], outputs[1], (float)(scale * -pull));
        }

        return ((1 - _flipRate) * Logistic.Softplus(-difference)) + (_flipRate * Logistic.Softplus(difference));
    }

    // The derivative is known only when both rows were summed, so their logits are computed once more: memory for all of them is dearer.
    static void AddGradient(TrainingRow row, RowOutput output, float coefficient) => output.SumOverTargets(
        row.IsTarget,
        (ref logits) =>
        {
            var loss = logits.TakeLoss();
            logits.SetGradient(coefficient);
            return loss;
        },
        gradient: true);
}
