using Noos.Corpus.Preferences;

namespace Noos.Factory.Rewards;

/// <summary>Measures scores of answers against labels and, where it is known, against the truth.</summary>
static class RewardMeasurement
{
    const int Bins = 10;

    // Nearer than this two answers are truly as good as each other.
    const double Tie = 0.02;

    /// <param name="groups">Prompts that were kept back.</param>
    /// <param name="members">For each member the scores of all answers, group after group; scaled alike.</param>
    public static RewardReport Measure(IReadOnlyList<PreferenceGroup> groups, IReadOnlyList<double[]> members)
    {
        var pairs = Pairs(groups);
        var mean = members[0].Select((_, answer) => members.Average(scores => scores[answer])).ToArray();
        var answers = groups.SelectMany(group => group.Answers).ToArray();
        var isTruthKnown = answers.Length > 0 && answers.All(answer => answer.TrueScore is not null);
        var truth = isTruthKnown ? answers.Select(answer => answer.TrueScore!.Value).ToArray() : null;

        // The temperature is chosen on one half and judged on the other.
        var halves = pairs.Select((pair, index) => (pair, IsFirst: index % 2 == 0)).ToLookup(item => item.IsFirst, item => item.pair);
        var temperature = ChooseTemperature([.. halves[true]], mean);
        var truePairs = truth is null ? [] : TruePairs(groups, truth);
        return new RewardReport
        {
            Prompts = groups.Count,
            Pairs = pairs.Count,
            Accuracy = Accuracy(pairs, mean),
            Ceiling = truth is null ? null : Accuracy(pairs, truth),
            TrueAccuracy = truth is null ? null : Accuracy(truePairs, mean),
            MemberAccuracies = [.. members.Select(scores => Accuracy(pairs, scores))],
            Agreement = Agreement(pairs, members),
            Temperature = temperature,
            CalibrationError = CalibrationError([.. halves[false]], mean, temperature),
            LengthCorrelation = LengthCorrelation(answers, mean, truth),
            AccuracyByKind = ByKind(answers, truth is null ? pairs : truePairs, mean),
        };
    }

    static List<(int Better, int Worse)> Pairs(IReadOnlyList<PreferenceGroup> groups)
    {
        var pairs = new List<(int, int)>();
        var start = 0;
        foreach (var group in groups)
        {
            pairs.AddRange(group.Pairs.Select(pair => (start + pair.Better, start + pair.Worse)));
            start += group.Answers.Count;
        }

        return pairs;
    }

    static List<(int Better, int Worse)> TruePairs(IReadOnlyList<PreferenceGroup> groups, double[] truth)
    {
        var pairs = new List<(int, int)>();
        var start = 0;
        foreach (var group in groups)
        {
            for (var better = start; better < start + group.Answers.Count; better++)
            {
                for (var worse = start; worse < start + group.Answers.Count; worse++)
                {
                    if (truth[better] > truth[worse] + Tie)
                    {
                        pairs.Add((better, worse));
                    }
                }
            }

            start += group.Answers.Count;
        }

        return pairs;
    }

    static double Accuracy(List<(int Better, int Worse)> pairs, double[] scores) =>
        pairs.Count == 0 ? 0 : pairs.Average(pair => Agrees(pair, scores));

    // An undecided one is right half the time.
    static double Agrees((int Better, int Worse) pair, double[] scores) => scores[pair.Better].CompareTo(scores[pair.Worse]) switch
    {
        > 0 => 1,
        0 => 0.5,
        _ => 0,
    };

    static double Agreement(List<(int Better, int Worse)> pairs, IReadOnlyList<double[]> members)
    {
        var shares = new List<double>();
        for (var one = 0; one < members.Count; one++)
        {
            for (var other = one + 1; other < members.Count; other++)
            {
                shares.AddRange(pairs.Select(pair => Agrees(pair, members[one]) == Agrees(pair, members[other]) ? 1.0 : 0));
            }
        }

        return shares.Count == 0 ? 1 : shares.Average();
    }

    /// <summary>The temperature with the least log-loss, by ternary search over its logarithm.</summary>
    static double ChooseTemperature(IReadOnlyList<(int Better, int Worse)> pairs, double[] scores)
    {
        if (pairs.Count == 0)
        {
            return 1;
        }

        var (low, high) = (Math.Log(0.02), Math.Log(50));
        for (var step = 0; step < 60; step++)
        {
            var (first, second) = (low + ((high - low) / 3), high - ((high - low) / 3));
            if (LogLoss(Math.Exp(first)) < LogLoss(Math.Exp(second)))
            {
                high = second;
            }
            else
            {
                low = first;
            }
        }

        return Math.Exp((low + high) / 2);

        double LogLoss(double temperature) => pairs.Average(pair =>
        {
            var x = (scores[pair.Worse] - scores[pair.Better]) / temperature;
            return Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
        });
    }

    /// <summary>Over bins of equal size: how far the share that is right lies from the confidence.</summary>
    static double CalibrationError(IReadOnlyList<(int Better, int Worse)> pairs, double[] scores, double temperature)
    {
        var sure = pairs.Select(pair =>
        {
            var difference = (scores[pair.Better] - scores[pair.Worse]) / temperature;
            return (Confidence: 1 / (1 + Math.Exp(-Math.Abs(difference))), Right: difference > 0 ? 1.0 : difference < 0 ? 0 : 0.5);
        }).OrderBy(item => item.Confidence).ToArray();
        if (sure.Length == 0)
        {
            return 0;
        }

        return sure.Chunk((sure.Length + Bins - 1) / Bins)
            .Sum(bin => Math.Abs(bin.Average(item => item.Confidence) - bin.Average(item => item.Right)) * bin.Length / sure.Length);
    }

    static double LengthCorrelation(PreferenceAnswer[] answers, double[] scores, double[]? truth)
    {
        var lengths = answers.Select(answer =>
            (double)answer.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length).ToArray();
        if (truth is null)
        {
            return Correlation(lengths, scores);
        }

        // Within groups of equal truth alone: their means are taken away.
        var (restOfLengths, restOfScores) = (new List<double>(), new List<double>());
        var levels = Enumerable.Range(0, answers.Length).GroupBy(index => Math.Round(truth[index] / Tie));
        foreach (var level in levels.Where(level => level.Count() > 4))
        {
            var (length, score) = (level.Average(index => lengths[index]), level.Average(index => scores[index]));
            restOfLengths.AddRange(level.Select(index => lengths[index] - length));
            restOfScores.AddRange(level.Select(index => scores[index] - score));
        }

        return Correlation([.. restOfLengths], [.. restOfScores]);
    }

    static double Correlation(double[] one, double[] other)
    {
        if (one.Length < 2)
        {
            return 0;
        }

        var (meanOne, meanOther) = (one.Average(), other.Average());
        var together = one.Zip(other, (x, y) => (x - meanOne) * (y - meanOther)).Sum();
        var alone = Math.Sqrt(one.Sum(x => (x - meanOne) * (x - meanOne)) * other.Sum(y => (y - meanOther) * (y - meanOther)));
        return alone == 0 ? 0 : together / alone;
    }

    static Dictionary<string, double> ByKind(PreferenceAnswer[] answers, List<(int Better, int Worse)> pairs, double[] scores) =>
        pairs.Where(pair => answers[pair.Worse].Kind is not null).GroupBy(pair => answers[pair.Worse].Kind!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Average(pair => Agrees(pair, scores)), StringComparer.Ordinal);
}
