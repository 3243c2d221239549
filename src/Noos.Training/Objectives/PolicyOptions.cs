using System.Globalization;
using Noos.Core;

namespace Noos.Training.Objectives;

/// <summary>What the objectives of reinforcement learning have in common beside their term of the policy itself.</summary>
public sealed record PolicyOptions
{
    /// <summary>
    /// Weight of the KL divergence from the reference in the loss, per token, by the estimator of Schulman, 2020 (k3). 0: it is part of the
    /// rewards, or not wanted.
    /// </summary>
    public double KlWeight { get; init; }

    /// <summary>Weight of the critic's error, on the trunk of the policy; 0: there is no critic.</summary>
    public double ValueWeight { get; init; }

    /// <summary>
    /// The critic is not rewarded for going further than this from what it said before (value clipping); 0: it may.
    /// </summary>
    public double ValueClip { get; init; }

    /// <summary>
    /// What a target of a text row counts for, when one of an answer counts for 1: pretraining rows against forgetting (PPO-ptx, Ouyang et
    /// al., 2022).
    /// </summary>
    public double TextWeight { get; init; } = 1;

    /// <exception cref="NoosException">A number is out of its range.</exception>
    internal PolicyOptions Validate() => this is { KlWeight: >= 0 and < 100, ValueWeight: >= 0 and < 100, ValueClip: >= 0, TextWeight: > 0 }
        ? this
        : throw new NoosException(
            ErrorKind.Invalid,
            "The weights of KL and value must lie in [0, 100), the value clip must not be negative, and the weight of text must be "
            + $"positive, not {KlWeight}, {ValueWeight}, {ValueClip} and {TextWeight}.");

    /// <summary>The settings that differ from their defaults, each after a blank.</summary>
    internal string ToText()
    {
        var defaults = new PolicyOptions();
        return Part("kl", KlWeight, defaults.KlWeight) + Part("value", ValueWeight, defaults.ValueWeight)
            + Part("value_clip", ValueClip, defaults.ValueClip) + Part("text", TextWeight, defaults.TextWeight);
    }

    internal static string Part(string name, double value, double usual) =>
        value == usual ? "" : string.Create(CultureInfo.InvariantCulture, $" {name}={value:r}");
}
