using Noos.Language.Models;
using Noos.Training.Model;
using Noos.Training.Objectives;

namespace Noos.Training.Tests.Objectives;

/// <summary>
/// PPO (Schulman et al., 2017) with a KL penalty towards a reference and a critic on the same trunk, by what the
/// library offers to everyone.
/// </summary>
sealed class ClippedPolicy(double clip, double kl, double valueWeight) : IObjective
{
    public string Name => "ppo";

    public int RowsPerSample => 1;

    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) => ValueHead.Parameters(config);

    public double Weight(ReadOnlySpan<TrainingRow> sample) => sample[0].TargetCount;

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        var row = sample[0];
        var (advantages, old) = (row.Extra("advantages", row.Length).ToArray(), row.Extra("old", row.Length).ToArray());
        var (reference, returns) = (row.Extra("reference", row.Length).ToArray(), row.Extra("returns", row.Length).ToArray());
        var loss = outputs[0].SumOverTargets(row.IsTarget, TokenLoss, gradient: scale != 0);
        for (var position = 0; position < row.Length; position++)
        {
            if (row.Counts(position))
            {
                var error = ValueHead.Evaluate(outputs[0], position) - returns[position];
                loss += 0.5 * valueWeight * error * error;
                if (scale != 0)
                {
                    ValueHead.AddGradient(outputs[0], position, scale * valueWeight * error);
                }
            }
        }

        return loss;

        double TokenLoss(ref TokenLogits logits)
        {
            var position = logits.Position;
            var logProbability = -logits.TakeLoss();
            var ratio = Math.Exp(logProbability - old[position]);
            var (free, clipped) = (ratio * advantages[position], Math.Clamp(ratio, 1 - clip, 1 + clip) * advantages[position]);
            var behind = Math.Exp(reference[position] - logProbability);
            if (scale != 0)
            {
                var derivative = (free <= clipped ? -free : 0) + (kl * (1 - behind));
                logits.SetGradient((float)(scale * -derivative));
            }

            return -Math.Min(free, clipped) + (kl * (behind - (reference[position] - logProbability) - 1));
        }
    }
}
