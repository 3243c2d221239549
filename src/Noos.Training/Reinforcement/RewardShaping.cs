namespace Noos.Training.Reinforcement;

/// <summary>What is taken off a reward whatever a model thinks of an answer: no reward model is to be trusted about these.</summary>
static class RewardShaping
{
    public static double Penalty(Rollout rollout, ReinforcementOptions options)
    {
        var answer = rollout.Answer;
        var penalty = rollout.IsEnded ? 0 : options.NoEndPenalty;
        penalty += options.RepetitionPenalty * Repetition(answer);
        return penalty + (options.LengthPenalty * Math.Max(0, answer.Length - options.FreeLength));
    }

    /// <summary>Share of runs of three tokens that the answer had already.</summary>
    static double Repetition(ReadOnlySpan<int> answer)
    {
        var seen = new HashSet<(int, int, int)>();
        var runs = Math.Max(0, answer.Length - 2);
        for (var start = 0; start < runs; start++)
        {
            seen.Add((answer[start], answer[start + 1], answer[start + 2]));
        }

        return runs == 0 ? 0 : 1 - ((double)seen.Count / runs);
    }
}
