using System.Globalization;
using Noos.Core;
using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// Training of a reward model from rankings (Bradley and Terry, 1952; Ouyang et al., 2022): a sample is the answers to one prompt, and the
/// loss of each pair is −log σ(r_better − r_worse) in nats, r being the <see cref="ValueHead"/> at the row's last counted position. Rows
/// come best first, or each says which of the others it beats (<see cref="Wins"/>). All pairs of a prompt share one forward pass, and count
/// as one pair each.
/// </summary>
/// <remarks>
/// The position that counts must be one that has seen the whole answer: with inputs tokens[..^1] the row needs one token after the end of
/// the turn, whatever it is.
/// </remarks>
public sealed class PairwiseRanking : IObjective
{
    /// <summary>
    /// Column of a row, [rows of a sample]: the weight with which it is preferred to each of the others, 0 where the two were not compared
    /// or it lost; half each way says that they are equal. All rows of a sample have it, or none. So judgements may contradict each other,
    /// and a row that was compared with none, which fills a sample up, need not count anywhere.
    /// </summary>
    public const string Wins = "wins";

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

    /// <summary>Number of pairs, or the sum of their weights.</summary>
    public double Weight(ReadOnlySpan<TrainingRow> sample)
    {
        if (!HasWins(sample))
        {
            return sample.Length * (sample.Length - 1) / 2;
        }

        double sum = 0;
        foreach (var row in sample)
        {
            foreach (var weight in row.Extra(Wins, sample.Length))
            {
                sum += weight;
            }
        }

        return sum;
    }

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        var count = sample.Length;
        Span<double> rewards = stackalloc double[count];
        Span<double> gradients = stackalloc double[count];
        Span<double> wins = stackalloc double[count * count];
        gradients.Clear();
        ReadWins(sample, wins);
        for (var row = 0; row < count; row++)
        {
            rewards[row] = IsCompared(wins, row, count) ? ValueHead.Evaluate(outputs[row], ScorePosition(sample[row])) : 0;
        }

        double loss = 0;
        for (var better = 0; better < count; better++)
        {
            for (var worse = 0; worse < count; worse++)
            {
                var weight = wins[(better * count) + worse];
                if (weight == 0)
                {
                    continue;
                }

                var difference = rewards[better] - rewards[worse];
                var sum = rewards[better] + rewards[worse];
                loss += weight * (((1 - _flipRate) * Logistic.Softplus(-difference)) + (_flipRate * Logistic.Softplus(difference))
                    + (_centering * sum * sum));
                var pull = (_flipRate * Logistic.Sigmoid(difference)) - ((1 - _flipRate) * Logistic.Sigmoid(-difference));
                gradients[better] += weight * (pull + (2 * _centering * sum));
                gradients[worse] += weight * (-pull + (2 * _centering * sum));
            }
        }

        for (var row = 0; scale != 0 && row < count; row++)
        {
            if (IsCompared(wins, row, count))
            {
                ValueHead.AddGradient(outputs[row], ScorePosition(sample[row]), scale * gradients[row]);
            }
        }

        return loss;
    }

    static bool HasWins(ReadOnlySpan<TrainingRow> sample) => sample[0].Extras.ContainsKey(Wins);

    // [rows · rows]; best first where nothing is said.
    static void ReadWins(ReadOnlySpan<TrainingRow> sample, Span<double> wins)
    {
        var isRanked = !HasWins(sample);
        for (var row = 0; row < sample.Length; row++)
        {
            var weights = isRanked ? [] : sample[row].Extra(Wins, sample.Length);
            for (var other = 0; other < sample.Length; other++)
            {
                wins[(row * sample.Length) + other] = other == row ? 0 : isRanked ? (row < other ? 1 : 0) : weights[other];
            }
        }
    }

    static bool IsCompared(ReadOnlySpan<double> wins, int row, int count)
    {
        for (var other = 0; other < count; other++)
        {
            if (wins[(row * count) + other] != 0 || wins[(other * count) + row] != 0)
            {
                return true;
            }
        }

        return false;
    }

    static int ScorePosition(TrainingRow row) =>
        row.LastTarget is >= 0 and var position
            ? position
            : throw new NoosException(
                ErrorKind.Invalid, "No position of a row to be ranked counts; mark the one that has seen the whole answer.");
}
