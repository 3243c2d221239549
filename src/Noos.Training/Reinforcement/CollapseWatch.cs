using System.Globalization;

namespace Noos.Training.Reinforcement;

/// <summary>
/// Looks at what was measured of each iteration and says in words when a policy collapses: a pure function of all iterations so far, so
/// that a resumed run says the same.
/// </summary>
public static class CollapseWatch
{
    const double MinEntropyShare = 0.5;
    const double MinDistinctShare = 0.9;
    const double MaxOpening = 0.15;
    const double MaxLengthChange = 0.5;
    const double MaxMoreUnended = 0.05;
    const double MinSpread = 0.05;

    // Half precision and quantized keys are far below.
    const double MaxEngineKl = 0.1;

    // Rewards and truths are compared over so many iterations, three times in a row.
    const int Window = 10;
    const int Checks = 3;

    /// <summary>What is wrong with the last iteration.</summary>
    /// <param name="history">All iterations, the first included: it is what the others are compared with.</param>
    /// <param name="options">The limits.</param>
    public static IEnumerable<CollapseAlarm> Look(IReadOnlyList<RolloutMetrics> history, ReinforcementOptions options)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(options);
        return history.Count == 0 ? [] : LookAt(history, options);
    }

    static IEnumerable<CollapseAlarm> LookAt(IReadOnlyList<RolloutMetrics> history, ReinforcementOptions options)
    {
        var (start, now) = (history[0], history[^1]);
        if (now.Kl > options.MaxKl || now.TokenKl > options.MaxTokenKl)
        {
            yield return Alarm(
                "divergence",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"An answer is {now.Kl:F1} nats ({now.TokenKl:F2} a token) away from the reference, more than {options.MaxKl:F1} "
                    + $"({options.MaxTokenKl:F2}): the reward is no longer to be trusted there. Take an earlier checkpoint, a lower "
                    + $"learning rate or a higher KL weight."),
                isStop: true);
        }

        if (history.Count > 1 && now.Entropy < MinEntropyShare * start.Entropy)
        {
            yield return Alarm(
                "entropy",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The policy has become sure of itself: {now.Entropy:F2} nats a token, {start.Entropy:F2} at the start. It tries "
                    + $"nothing new any more; raise the KL weight or stop here."));
        }

        if (history.Count > 1 && now.Distinct < MinDistinctShare * start.Distinct)
        {
            yield return Alarm(
                "variety",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Its answers grow alike: {now.Distinct:P0} of all runs of three tokens are different, {start.Distinct:P0} at the "
                    + $"start. A stock phrase may please the reward; read some answers."));
        }

        if (now.CommonOpening > Math.Max(MaxOpening, 1.5 * start.CommonOpening))
        {
            yield return Alarm(
                "opening",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.CommonOpening:P0} of the answers begin with the same words, {start.CommonOpening:P0} at the start: a stock "
                    + $"phrase pleases the reward."));
        }

        if (history.Count > 1 && Math.Abs(now.Length - start.Length) > MaxLengthChange * start.Length)
        {
            yield return Alarm(
                "length",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"An answer has {now.Length:F0} tokens, {start.Length:F0} at the start: the reward likes "
                    + $"{(now.Length > start.Length ? "long" : "short")} answers. Compare reward and length at equal quality."));
        }

        if (now.Unended > start.Unended + MaxMoreUnended)
        {
            yield return Alarm(
                "ends",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now.Unended:P0} of the answers do not end, {start.Unended:P0} at the start; raise the penalty for that."));
        }

        if (now.EngineKl > MaxEngineKl)
        {
            yield return Alarm(
                "engine",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The engine that draws the answers is {now.EngineKl:F3} nats a token away from the trainer, more than "
                    + $"{MaxEngineKl:F2}: it has other weights, or changes its draws (temperature, top-p, penalties). Look at what it was "
                    + $"given."),
                isStop: true);
        }

        if (now.Spread < MinSpread)
        {
            yield return Alarm(
                "spread",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The answers to a prompt get nearly the same reward (deviation {now.Spread:F3}): there is nothing to learn. Take "
                    + $"other prompts, a higher temperature or a finer reward."));
        }

        if (IsOverOptimised(history))
        {
            yield return Alarm(
                "over-optimisation",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"For {Checks} checks the reward has risen and the truth has fallen: the policy has learned the weak spots of the "
                    + $"reward. Take the checkpoint from before that."),
                isStop: true);
        }

        CollapseAlarm Alarm(string name, string message, bool isStop = false) =>
            new(now.Iteration, name, message, isStop);
    }

    static bool IsOverOptimised(IReadOnlyList<RolloutMetrics> history)
    {
        if (history.Count < (Checks + 1) * Window || history.Any(metrics => metrics.Truth is null))
        {
            return false;
        }

        // Windows from the end; looked at once a window, so that one bad window is one check.
        var means = Enumerable.Range(0, Checks + 1)
            .Select(check => history.Skip(history.Count - ((check + 1) * Window)).Take(Window).ToArray())
            .Select(window => (Reward: window.Average(m => m.Reward), Truth: window.Average(m => m.Truth!.Value))).ToArray();
        return Enumerable.Range(0, Checks).All(check =>
            means[check].Reward > means[check + 1].Reward && means[check].Truth < means[check + 1].Truth);
    }
}
