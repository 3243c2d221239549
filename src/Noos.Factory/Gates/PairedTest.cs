namespace Noos.Factory.Gates;

/// <summary>Tests of two models on the same questions.</summary>
public static class PairedTest
{
    const int Resamples = 4000;
    const int Seed = 20_261_130;

    /// <summary>
    /// The probability that chance alone makes the candidate so much worse: McNemar's exact test where each question was asked once, else
    /// a permutation test that swaps the two models question by question (one-sided).
    /// </summary>
    /// <param name="champion">[question] the share that it has right, 0 to 1.</param>
    /// <param name="candidate">[question] the same.</param>
    public static double ProbabilityOfWorse(IReadOnlyList<double> champion, IReadOnlyList<double> candidate)
    {
        var differences = Differences(champion, candidate);
        return Array.TrueForAll(differences, difference => difference is -1 or 0 or 1)
            ? McNemar(differences.Count(difference => difference < 0), differences.Count(difference => difference > 0))
            : Permute(differences);
    }

    /// <summary>The exact test of McNemar (1947), one-sided: at least so many of those that differ are losses, by a fair coin.</summary>
    /// <param name="losses">Questions that only the champion has right.</param>
    /// <param name="wins">Questions that only the candidate has right.</param>
    public static double McNemar(int losses, int wins)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(losses);
        ArgumentOutOfRangeException.ThrowIfNegative(wins);
        var n = losses + wins;

        // Sum of the binomial terms from the losses on, in logarithms: n may be thousands.
        var (sum, log) = (0.0, -n * Math.Log(2));
        for (var k = 0; k <= n; k++)
        {
            sum += k >= losses ? Math.Exp(log) : 0;
            log += Math.Log((double)(n - k) / (k + 1));
        }

        return Math.Min(1, sum);
    }

    /// <summary>Which of several p-values are significant together (Holm, 1979).</summary>
    public static bool[] Holm(IReadOnlyList<double> values, double level)
    {
        ArgumentNullException.ThrowIfNull(values);
        var significant = new bool[values.Count];
        foreach (var (place, index) in Enumerable.Range(0, values.Count).OrderBy(index => values[index]).Index())
        {
            if (values[index] > level / (values.Count - place))
            {
                break;
            }

            significant[index] = true;
        }

        return significant;
    }

    /// <summary>The mean with the ends of its 95 % interval: a percentile bootstrap over the questions, always the same draws.</summary>
    /// <param name="values">One of each question.</param>
    public static (double Mean, double Low, double High) Bootstrap(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            return (0, 0, 0);
        }

        var random = new Random(Seed);
        var means = new double[Resamples];
        for (var sample = 0; sample < Resamples; sample++)
        {
            double sum = 0;
            for (var draw = 0; draw < values.Count; draw++)
            {
                sum += values[random.Next(values.Count)];
            }

            means[sample] = sum / values.Count;
        }

        Array.Sort(means);
        return (values.Average(), means[Resamples / 40], means[Resamples - 1 - (Resamples / 40)]);
    }

    static double[] Differences(IReadOnlyList<double> champion, IReadOnlyList<double> candidate)
    {
        ArgumentNullException.ThrowIfNull(champion);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentOutOfRangeException.ThrowIfNotEqual(candidate.Count, champion.Count);
        return [.. candidate.Zip(champion, (one, other) => one - other)];
    }

    static double Permute(double[] differences)
    {
        var random = new Random(Seed);
        var observed = differences.Sum();
        var asLow = 0;
        for (var sample = 0; sample < Resamples; sample++)
        {
            double sum = 0;
            foreach (var difference in differences)
            {
                sum += random.Next(2) == 0 ? difference : -difference;
            }

            asLow += sum <= observed + 1e-12 ? 1 : 0;
        }

        return (asLow + 1.0) / (Resamples + 1);
    }
}
