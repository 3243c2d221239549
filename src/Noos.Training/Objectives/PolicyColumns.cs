namespace Noos.Training.Objectives;

/// <summary>
/// Columns of a row of rollouts (<see cref="Model.TrainingRow.Extras"/>), each of one number per target. A row without
/// <see cref="Advantages"/> is text.
/// </summary>
public static class PolicyColumns
{
    /// <summary>How much better the sampled token was than expected.</summary>
    public const string Advantages = "advantages";

    /// <summary>Log-probability of the token under the policy that sampled it.</summary>
    public const string Old = "old_log_probabilities";

    /// <summary>Log-probability of the token under the policy that the training began with.</summary>
    public const string Reference = "reference_log_probabilities";

    /// <summary>What the critic shall say of the state before the token.</summary>
    public const string Returns = "returns";

    /// <summary>What the critic said of it when the token was sampled.</summary>
    public const string OldValues = "old_values";
}
