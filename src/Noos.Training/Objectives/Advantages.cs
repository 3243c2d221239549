using Noos.Core;

namespace Noos.Training.Objectives;

/// <summary>How much better an answer, or a token of it, was than was to be expected.</summary>
public static class Advantages
{
    /// <summary>
    /// Of each answer to one prompt: its reward less the mean of the others' (RLOO). One alone has nothing to compare with: 0.
    /// </summary>
    public static double[] LeaveOneOut(ReadOnlySpan<double> rewards)
    {
        double sum = 0;
        foreach (var reward in rewards)
        {
            sum += reward;
        }

        var advantages = new double[rewards.Length];
        for (var index = 0; rewards.Length > 1 && index < rewards.Length; index++)
        {
            advantages[index] = rewards[index] - ((sum - rewards[index]) / (rewards.Length - 1));
        }

        return advantages;
    }

    /// <summary>Of each answer to one prompt: standard deviations above the mean (GRPO). All alike: 0.</summary>
    public static double[] Standardize(ReadOnlySpan<double> rewards)
    {
        // Below this rewards are alike: their differences are noise, which division would make as large as any.
        const double MinDeviation = 1e-4;
        var (mean, deviation) = MeanAndDeviation(rewards);
        var advantages = new double[rewards.Length];
        for (var index = 0; deviation > MinDeviation && index < rewards.Length; index++)
        {
            advantages[index] = (rewards[index] - mean) / deviation;
        }

        return advantages;
    }

    /// <summary>Generalized advantage estimation (Schulman et al., 2016) over the tokens of one answer.</summary>
    /// <param name="rewards">[tokens] what each token earned; the last usually has the reward of the answer.</param>
    /// <param name="values">[tokens] what the critic expected before each token. After the last nothing more is to come.</param>
    /// <param name="discount">γ.</param>
    /// <param name="trace">λ: 0 trusts the critic, 1 the rewards.</param>
    /// <returns>[tokens] each; the returns are advantages plus values.</returns>
    public static (float[] Advantages, float[] Returns) Generalize(
        ReadOnlySpan<float> rewards, ReadOnlySpan<float> values, double discount = 1, double trace = 0.95)
    {
        if (rewards.Length != values.Length)
        {
            throw new NoosException(
                ErrorKind.Invalid, $"There are {rewards.Length} rewards for {values.Length} values; give one of each for each token.");
        }

        var (advantages, returns) = (new float[rewards.Length], new float[rewards.Length]);
        double advantage = 0;
        double next = 0;
        for (var index = rewards.Length - 1; index >= 0; index--)
        {
            advantage = rewards[index] + (discount * next) - values[index] + (discount * trace * advantage);
            next = values[index];
            advantages[index] = (float)advantage;
            returns[index] = (float)(advantage + values[index]);
        }

        return (advantages, returns);
    }

    /// <summary>Shifts and scales the numbers of all answers of a batch to mean 0 and deviation 1.</summary>
    public static void Whiten(IReadOnlyList<float[]> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        double[] all = [.. answers.SelectMany(answer => answer).Select(value => (double)value)];
        var (mean, deviation) = MeanAndDeviation(all);
        foreach (var answer in answers)
        {
            for (var index = 0; index < answer.Length; index++)
            {
                answer[index] = (float)((answer[index] - mean) / (deviation + 1e-8));
            }
        }
    }

    static (double Mean, double Deviation) MeanAndDeviation(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        var mean = values.Length == 0 ? 0 : sum / values.Length;
        double squares = 0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return (mean, values.Length == 0 ? 0 : Math.Sqrt(squares / values.Length));
    }
}
