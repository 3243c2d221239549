using Noos.Language.Models;
using Noos.Training.Model;

namespace Noos.Training.Objectives;

/// <summary>
/// Reinforcement learning of a policy that is a language model: the term of the policy is the heir's, the rest is here. A row is one answer
/// with its <see cref="PolicyColumns"/>, its counted targets are the tokens that were sampled; <see cref="TrainingRow.Weights"/>, where
/// there are any, weigh them. A row without advantages is text, learned by cross-entropy. The loss of a batch is the mean over all weights.
/// </summary>
public abstract class PolicyObjective : IObjective
{
    readonly PolicyOptions _options;

    private protected PolicyObjective(string name, PolicyOptions options)
    {
        _options = options.Validate();
        Name = name + options.ToText();
    }

    public string Name { get; }

    public int RowsPerSample => 1;

    /// <summary>Those of the critic, where there is one.</summary>
    public IReadOnlyList<HeadParameter> HeadParameters(TransformerConfig config) =>
        _options.ValueWeight > 0 ? ValueHead.Parameters(config) : [];

    /// <summary>The sum of the weights of the counted targets.</summary>
    public double Weight(ReadOnlySpan<TrainingRow> sample)
    {
        var row = sample[0];
        if (IsText(row))
        {
            return _options.TextWeight * row.TargetCount;
        }

        double sum = 0;
        for (var position = 0; position < row.Length; position++)
        {
            sum += row.Counts(position) ? WeightOf(row, position) : 0;
        }

        return sum;
    }

    public double Compute(ReadOnlySpan<TrainingRow> sample, ReadOnlySpan<RowOutput> outputs, float scale)
    {
        var row = sample[0];
        if (IsText(row))
        {
            return Text(row, outputs[0], scale);
        }

        var loss = Policy(row, outputs[0], scale);
        return _options.ValueWeight > 0 ? loss + Critic(row, outputs[0], scale) : loss;
    }

    /// <summary>Loss of one sampled token and its derivative with respect to the token's log-probability.</summary>
    private protected abstract (double Loss, double Derivative) OfToken(double logProbability, double old, double advantage);

    static bool IsText(TrainingRow row) => !row.Extras.ContainsKey(PolicyColumns.Advantages);

    static double WeightOf(TrainingRow row, int position) => row.Weights.Length == 0 ? 1 : row.Weights[position];

    double Text(TrainingRow row, RowOutput output, float scale)
    {
        return _options.TextWeight * output.SumOverTargets(row.IsTarget, TokenLoss, gradient: scale != 0);

        double TokenLoss(ref TokenLogits logits)
        {
            var loss = logits.TakeLoss();
            if (scale != 0)
            {
                logits.SetGradient((float)(scale * _options.TextWeight));
            }

            return loss;
        }
    }

    double Policy(TrainingRow row, RowOutput output, float scale)
    {
        // Checked here: a span may not be captured below.
        _ = row.Extra(PolicyColumns.Advantages, row.Length);
        _ = row.Extra(PolicyColumns.Old, row.Length);
        var (advantages, old) = (row.Extras[PolicyColumns.Advantages], row.Extras[PolicyColumns.Old]);
        _ = _options.KlWeight > 0 ? row.Extra(PolicyColumns.Reference, row.Length) : [];
        var reference = _options.KlWeight > 0 ? row.Extras[PolicyColumns.Reference] : [];
        return output.SumOverTargets(row.IsTarget, TokenLoss, gradient: scale != 0);

        double TokenLoss(ref TokenLogits logits)
        {
            var position = logits.Position;
            var logProbability = -logits.TakeLoss();
            var (loss, derivative) = OfToken(logProbability, old[position], advantages[position]);
            if (_options.KlWeight > 0)
            {
                // With r the ratio of reference to policy: r − log r − 1, whose derivative by log p is 1 − r.
                var behind = reference[position] - logProbability;
                var ratio = Math.Exp(behind);
                loss += _options.KlWeight * (ratio - behind - 1);
                derivative += _options.KlWeight * (1 - ratio);
            }

            var weight = WeightOf(row, position);
            if (scale != 0)
            {
                // What is set is the coefficient of −log p.
                logits.SetGradient((float)(scale * weight * -derivative));
            }

            return weight * loss;
        }
    }

    // Half the squared error; with a clip the larger of that and the one of the clipped value (Schulman et al., in their code of 2017).
    double Critic(TrainingRow row, RowOutput output, float scale)
    {
        var returns = row.Extra(PolicyColumns.Returns, row.Length);
        var old = _options.ValueClip > 0 ? row.Extra(PolicyColumns.OldValues, row.Length) : [];
        double sum = 0;
        for (var position = 0; position < row.Length; position++)
        {
            if (!row.Counts(position))
            {
                continue;
            }

            var value = ValueHead.Evaluate(output, position);
            var error = value - returns[position];
            var gradient = error;
            if (_options.ValueClip > 0)
            {
                var clipped = Math.Clamp(value, old[position] - _options.ValueClip, old[position] + _options.ValueClip) - returns[position];
                if (clipped * clipped > error * error)
                {
                    // Beyond the clip nothing depends on the value any more.
                    (error, gradient) = (clipped, 0);
                }
            }

            var weight = _options.ValueWeight * WeightOf(row, position);
            sum += 0.5 * weight * error * error;
            if (scale != 0 && gradient != 0)
            {
                ValueHead.AddGradient(output, position, scale * weight * gradient);
            }
        }

        return sum;
    }
}
