using Noos.Core;

namespace Noos.Training.Objectives;

/// <summary>
/// PPO (Schulman et al., 2017): −min(ρ · advantage, clip(ρ) · advantage) per sampled token, ρ being its probability now over that when it
/// was sampled, so that an answer can be learned from more than once. With advantages that compare the answers to one prompt, and no
/// critic, it is GRPO (Shao et al., 2024).
/// </summary>
public sealed class ClippedPolicy : PolicyObjective
{
    const double UsualClip = 0.2;

    readonly double _lower;
    readonly double _upper;

    /// <param name="options">KL, critic and text.</param>
    /// <param name="clip">ρ counts from 1 − clip, (0, 1).</param>
    /// <param name="upperClip">ρ counts up to 1 + so much; 0: as <paramref name="clip"/>. More lets rare tokens rise (DAPO, 2025).</param>
    /// <exception cref="NoosException">A number is out of its range.</exception>
    public ClippedPolicy(PolicyOptions? options = null, double clip = UsualClip, double upperClip = 0)
        : base(
            "clipped-policy" + PolicyOptions.Part("clip", clip, UsualClip) + PolicyOptions.Part("upper_clip", upperClip, 0),
            options ?? new PolicyOptions())
    {
        if (clip is not (> 0 and < 1) || upperClip is not (>= 0 and < 100))
        {
            throw new NoosException(
                ErrorKind.Invalid, $"The clip of PPO must lie between 0 and 1 and the upper one in [0, 100), not {clip} and {upperClip}.");
        }

        (_lower, _upper) = (1 - clip, 1 + (upperClip > 0 ? upperClip : clip));
    }

    private protected override (double Loss, double Derivative) OfToken(double logProbability, double old, double advantage)
    {
        var ratio = Math.Exp(logProbability - old);
        var free = ratio * advantage;
        var clipped = Math.Clamp(ratio, _lower, _upper) * advantage;
        return free <= clipped ? (-free, -free) : (-clipped, 0);
    }
}
