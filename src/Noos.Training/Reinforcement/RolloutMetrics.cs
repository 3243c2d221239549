namespace Noos.Training.Reinforcement;

/// <summary>What is measured of the answers of one iteration.</summary>
public sealed record RolloutMetrics
{
    public long Iteration { get; init; }

    /// <summary>Mean reward, penalties included.</summary>
    public double Reward { get; init; }

    /// <summary>Mean of what the answers are truly worth; null where nobody knows.</summary>
    public double? Truth { get; init; }

    /// <summary>Mean divergence of an answer from the reference, in nats.</summary>
    public double Kl { get; init; }

    /// <summary>The same of a token.</summary>
    public double TokenKl { get; init; }

    /// <summary>What a nat of it costs.</summary>
    public double KlWeight { get; init; }

    /// <summary>Mean entropy of the policy at the tokens of its answers, in nats.</summary>
    public double Entropy { get; init; }

    /// <summary>Mean tokens of an answer.</summary>
    public double Length { get; init; }

    /// <summary>Share of answers that were not ended.</summary>
    public double Unended { get; init; }

    /// <summary>Different runs of three tokens among all of them.</summary>
    public double Distinct { get; init; }

    /// <summary>Share of answers with the commonest first four tokens.</summary>
    public double CommonOpening { get; init; }

    /// <summary>Mean standard deviation of the rewards of a prompt: without it there is nothing to learn.</summary>
    public double Spread { get; init; }

    /// <summary>
    /// Mean divergence of the trainer from the engine that drew the answers, in nats a token; null where the engine does not say how likely
    /// its tokens were. More than rounding means that the engine has other weights, or draws otherwise.
    /// </summary>
    public double? EngineKl { get; init; }

    /// <summary>Measures answers.</summary>
    /// <param name="iteration">Of the answers.</param>
    /// <param name="klWeight">Of the iteration.</param>
    /// <param name="answers">Group after group.</param>
    /// <param name="answersPerPrompt">In a group.</param>
    /// <param name="entropy">Mean entropy of the policy.</param>
    internal static RolloutMetrics Measure(
        long iteration, double klWeight, IReadOnlyList<ScoredRollout> answers, int answersPerPrompt, double entropy)
    {
        var tokens = Math.Max(1, answers.Sum(answer => (long)answer.Old.Length));
        var runs = answers.SelectMany(answer => Runs(answer.Rollout.Answer.ToArray())).ToArray();
        return new RolloutMetrics
        {
            Iteration = iteration,
            Reward = answers.Average(answer => (double)answer.Reward),
            Truth = answers.All(answer => !float.IsNaN(answer.Truth)) ? answers.Average(answer => (double)answer.Truth) : null,
            Kl = answers.Average(answer => answer.Kl),
            TokenKl = answers.Sum(answer => answer.Kl) / tokens,
            KlWeight = klWeight,
            Entropy = entropy,
            Length = answers.Average(answer => (double)answer.Old.Length),
            Unended = answers.Average(answer => answer.Rollout.IsEnded ? 0.0 : 1),
            Distinct = runs.Length == 0 ? 1 : (double)runs.Distinct().Count() / runs.Length,
            CommonOpening = answers.GroupBy(answer => string.Join(' ', answer.Rollout.Answer[..Math.Min(4, answer.Rollout.Answer.Length)]
                .ToArray())).Max(group => group.Count()) / (double)answers.Count,
            EngineKl = MeasureEngine(answers),
            Spread = answers.Chunk(answersPerPrompt).Average(Deviation),
        };
    }

    // Schulman's k3 as everywhere: never negative.
    static double? MeasureEngine(IReadOnlyList<ScoredRollout> answers)
    {
        var (sum, tokens) = (0.0, 0L);
        foreach (var answer in answers)
        {
            if (answer.Rollout.LogProbabilities is { } drawn)
            {
                foreach (var (engine, trainer) in drawn.Zip(answer.Old))
                {
                    var behind = (double)trainer - engine;
                    sum += Math.Exp(behind) - behind - 1;
                    tokens++;
                }
            }
        }

        return tokens == 0 ? null : sum / tokens;
    }

    static IEnumerable<(int, int, int)> Runs(int[] tokens) =>
        Enumerable.Range(0, Math.Max(0, tokens.Length - 2)).Select(start => (tokens[start], tokens[start + 1], tokens[start + 2]));

    static double Deviation(ScoredRollout[] group)
    {
        var mean = group.Average(answer => (double)answer.Reward);
        return Math.Sqrt(group.Average(answer => (answer.Reward - mean) * (answer.Reward - mean)));
    }
}
