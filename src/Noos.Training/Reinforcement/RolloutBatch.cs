namespace Noos.Training.Reinforcement;

/// <summary>The answers of one iteration with all that is needed to learn from them.</summary>
/// <param name="Iteration">From 0.</param>
/// <param name="PolicyStep">Updates that the policy had had when it gave them.</param>
/// <param name="KlWeight">What a nat of divergence costs in this iteration.</param>
/// <param name="Answers">The answers to the first prompt, then to the second, and so on.</param>
public sealed record RolloutBatch(long Iteration, long PolicyStep, double KlWeight, IReadOnlyList<ScoredRollout> Answers)
{
    /// <summary>What was measured of it.</summary>
    public required RolloutMetrics Metrics { get; init; }
}

/// <summary>An answer with its reward and what the models think of its tokens.</summary>
/// <param name="Rollout">The answer.</param>
/// <param name="Reward">Penalties included.</param>
public sealed record ScoredRollout(Rollout Rollout, float Reward)
{
    /// <summary>How good it truly is; NaN where nobody knows.</summary>
    public float Truth { get; init; } = float.NaN;

    /// <summary>[answer] log-probabilities under the policy that gave it, by the trainer's own arithmetic.</summary>
    public required float[] Old { get; init; }

    /// <summary>[answer] log-probabilities under the reference.</summary>
    public required float[] Reference { get; init; }

    /// <summary>[answer] what the critic expected before each token; empty where there is none.</summary>
    public float[] Values { get; init; } = [];

    /// <summary>Estimate of the divergence from the reference in nats, over the whole answer (Schulman's k3, never negative).</summary>
    public double Kl
    {
        get
        {
            double sum = 0;
            for (var token = 0; token < Old.Length; token++)
            {
                var behind = Reference[token] - Old[token];
                sum += Math.Exp(behind) - behind - 1;
            }

            return sum;
        }
    }
}
