using Noos.Training.Model;
using Noos.Training.Objectives;

namespace Noos.Training.Reinforcement;

/// <summary>The answers of an iteration as training rows: a pure function of the answers and the options.</summary>
static class RolloutRows
{
    // Rewards that differ by less say nothing about which answer is better.
    const double MinDifference = 1e-6;

    /// <summary>
    /// Rows to learn from, none of them with nothing to say: of prompts whose answers all got the same reward there are none. Where rows
    /// come in pairs, the better one first.
    /// </summary>
    public static IReadOnlyList<TrainingRow> From(RolloutBatch batch, ReinforcementOptions options)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var groups = batch.Answers.Chunk(options.AnswersPerPrompt)
            .Where(group => group.Max(answer => answer.Reward) - group.Min(answer => answer.Reward) > MinDifference).ToArray();
        return options.Method switch
        {
            ReinforcementMethod.Rejection =>
                [.. groups.Select(Best).Where(answer => answer.Rollout.IsEnded).Select(answer => Row(answer, 1))],
            ReinforcementMethod.Rloo => [.. groups.SelectMany(group => Compare(group, batch.KlWeight, Advantages.LeaveOneOut))],
            ReinforcementMethod.Grpo => WithEqualAnswers(
                [.. groups.SelectMany(group => Compare(group, batch.KlWeight, Advantages.Standardize))]),
            ReinforcementMethod.Dpo => [.. groups.SelectMany(group => new[] { Pair(Best(group)), Pair(group.MinBy(a => a.Reward)!) })],
            // The critic learns from all of them.
            _ => WithCritic(batch, options),
        };
    }

    /// <summary>A row that changes nothing, for iterations that have nothing to say.</summary>
    public static TrainingRow Idle(ScoredRollout answer, ReinforcementOptions options) => options.IsPaired
        ? new TrainingRow(answer.Rollout.Tokens, new bool[answer.Rollout.Tokens.Length - 1])
        {
            Extras = new Dictionary<string, float[]>(StringComparer.Ordinal) { [DirectPreference.Reference] = [0] },
        }
        : Row(answer, 0);

    static ScoredRollout Best(ScoredRollout[] group) => group.MaxBy(answer => answer.Reward)!;

    // The divergence is a part of the reward: it costs what the weight says (Ouyang et al., 2022).
    static IEnumerable<TrainingRow> Compare(ScoredRollout[] group, double klWeight, Func<ReadOnlySpan<double>, double[]> advantagesOf)
    {
        double[] rewards =
        [
            .. group.Select(answer =>
                answer.Reward - (klWeight * answer.Old.Zip(answer.Reference, (old, reference) => (double)old - reference).Sum())),
        ];
        return group.Zip(advantagesOf(rewards), (answer, advantage) => Row(answer, advantage));
    }

    // Each answer counts the same, however long it is; a token of the mean length counts 1, as one of text does.
    static IReadOnlyList<TrainingRow> WithEqualAnswers(IReadOnlyList<TrainingRow> rows)
    {
        var mean = rows.Count == 0 ? 1 : rows.Average(row => row.TargetCount);
        return [.. rows.Select(row => row with { Weights = [.. Enumerable.Repeat((float)(mean / row.TargetCount), row.Length)] })];
    }

    static List<TrainingRow> WithCritic(RolloutBatch batch, ReinforcementOptions options)
    {
        var (advantages, returns) = (new List<float[]>(), new List<float[]>());
        foreach (var answer in batch.Answers)
        {
            var rewards = answer.Old.Zip(answer.Reference, (old, reference) => (float)(-batch.KlWeight * (old - reference))).ToArray();
            rewards[^1] += answer.Reward;
            var (advantage, expected) = Advantages.Generalize(rewards, answer.Values, discount: 1, options.Trace);
            advantages.Add(advantage);
            returns.Add(expected);
        }

        Advantages.Whiten(advantages);
        return
        [
            .. batch.Answers.Select((answer, index) => Row(answer, new Dictionary<string, float[]>(StringComparer.Ordinal)
            {
                [PolicyColumns.Advantages] = Column(answer, advantages[index]),
                [PolicyColumns.Old] = Column(answer, answer.Old),
                [PolicyColumns.Returns] = Column(answer, returns[index]),
                [PolicyColumns.OldValues] = Column(answer, answer.Values),
            })),
        ];
    }

    static TrainingRow Row(ScoredRollout answer, double advantage)
    {
        var advantages = new float[answer.Old.Length];
        Array.Fill(advantages, (float)advantage);
        return Row(answer, new Dictionary<string, float[]>(StringComparer.Ordinal)
        {
            [PolicyColumns.Advantages] = Column(answer, advantages),
            [PolicyColumns.Old] = Column(answer, answer.Old),

            // A critic that learns from idle rows is told what it said.
            [PolicyColumns.Returns] = Column(answer, answer.Values.Length == 0 ? advantages : answer.Values),
            [PolicyColumns.OldValues] = Column(answer, answer.Values.Length == 0 ? advantages : answer.Values),
        });
    }

    static TrainingRow Pair(ScoredRollout answer) => Row(answer, new Dictionary<string, float[]>(StringComparer.Ordinal)
    {
        [DirectPreference.Reference] = [answer.Reference.Sum()],
    });

    static TrainingRow Row(ScoredRollout answer, Dictionary<string, float[]> extras) =>
        ToRow(answer.Rollout) with { Extras = extras };

    /// <summary>The answer as a row whose targets are what the policy said.</summary>
    public static TrainingRow ToRow(Rollout rollout)
    {
        var isTarget = new bool[rollout.Tokens.Length - 1];
        isTarget.AsSpan(rollout.PromptLength - 1).Fill(true);
        return new TrainingRow(rollout.Tokens, isTarget);
    }

    /// <summary>What belongs to the answer's tokens, at the positions whose targets they are.</summary>
    static float[] Column(ScoredRollout answer, float[] values)
    {
        var column = new float[answer.Rollout.Tokens.Length - 1];
        values.CopyTo(column, answer.Rollout.PromptLength - 1);
        return column;
    }
}
