using System.Globalization;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// Training of a reward model from rankings (Bradley and Terry, 1952; Ouyang et al., 2022): a sample is the answers to one prompt, best
/// first, and the loss of each pair is −log σ(r_better − r_worse) in nats, r being the <see cref="ValueHead"/> at the row's last counted
/// position. All pairs of a prompt share one forward pass, and count as one pair each.
/// </summary>
/// <remarks>
/// The position that counts must be one that has seen the whole answer: with inputs tokens[..^1] the row needs one token after the end of
/// the turn, whatever it is.
/// </remarks>
public sealed class PairwiseRanking : IObjective
{
    readonly double _flipRate;
    readonly double _centering;

    /// <param name="rowsPerSample">Answers per prompt, 2 or more.</param>
    /// <param name="flipRate">
    /// Share of pairs that the labellers are thought to have got wrong, [0, 0.5): the labels are smoothed by it, so that no single pair
    /// drives its difference without bound.
    /// </param>
    /// <param name="centering">Weight of (r_better + r_worse)², which the differences leave open: keeps rewards around zero.</param>
    /// <exception cref="NoosException">A number is out of its range.</exception>
    public PairwiseRanking(int rowsPerSample = 2, double flipRate = 0, double centering = 0)
    {
        if (rowsPerSample is < 2 or > 64 || flipRate is not (>= 0 and < 0.5) || centering is not (>= 0 and < 100))
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"A ranking takes 2 to 64 rows, a flip rate in [0, 0.5) and a centering in [0, 100), not {rowsPerSample}, {flipRate} "
                + $"and {centering}.");
        }

        RowsPerSample = rowsPerSample;
        _flipRate = flipRate;
        _centering = centering;
        Name = "pairwise-ranking"
            + (rowsPerSample == 2 ? "" : string.Create(CultureInfo.InvariantCulture, $" rows={rowsPerSample}"))
            + (flipRate == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" flip_rate={flipRate:r}"))
            + (centering == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" centering={centering:r}"));
    }

    public string Name { get; }

    public int RowsPerSample { get; }

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => ValueHead.Parameters(config);

    /// <summary>Number of pairs.</summary>
    public double Weight(ReadOnlySpan<TrainingRow> sample) => sample.Length * (sample.Length - 1) / 2;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        Span<double> rewards = stackalloc double[sample.Length];
        Span<double> gradients = stackalloc double[sample.Length];
        gradients.Clear();
        for (var row = 0; row < sample.Length; row++)
        {
            rewards[row] = ValueHead.Evaluate(outputs[row], ScorePosition(sample[row]));
        }

        double loss = 0;
        for (var better = 0; better < sample.Length; better++)
        {
            for (var worse = better + 1; worse < sample.Length; worse++)
            {
                var difference = rewards[better] - rewards[worse];
                var sum = rewards[better] + rewards[worse];
                loss += ((1 - _flipRate) * Softplus(-difference)) + (_flipRate * Softplus(difference)) + (_centering * sum * sum);

                // d/dx softplus(x) = σ(x).
                var pull = (_flipRate * Sigmoid(difference)) - ((1 - _flipRate) * Sigmoid(-difference));
                gradients[better] += pull + (2 * _centering * sum);
                gradients[worse] += -pull + (2 * _centering * sum);
            }
        }

        for (var row = 0; scale != 0 && row < sample.Length; row++)
        {
            ValueHead.AddGradient(outputs[row], ScorePosition(sample[row]), scale * gradients[row]);
        }

        return loss;
    }

    static int ScorePosition(TrainingRow row) =>
        row.LastTarget is >= 0 and var position
            ? position
            : throw new NoosException(
                ErrorKind.Invalid, "No position of a row to be ranked counts; mark the one that has seen the whole answer.");

    // −log σ(−x) without overflow for large |x|.
    static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
