using Noos.Training.Model.Fused;

namespace Noos.Training.Model;

/// <summary>Takes the loss of one position and leaves the gradient of that loss where the logits were.</summary>
/// <returns>The loss of the position, not scaled.</returns>
public delegate double TokenLoss(ref TokenLogits logits);

/// <summary>
/// The logits of one position, in memory of the worker that computed them: valid during one call of <see cref="TokenLoss"/> only. What
/// stands in <see cref="Values"/> when that call returns is taken as the gradient with respect to these logits.
/// </summary>
public unsafe ref struct TokenLogits
{
    readonly float* _logits;
    readonly int _vocabulary;
    double _total;

    /// <param name="logits">[vocabulary, padded to whole vectors]</param>
    internal TokenLogits(float* logits, int vocabulary, int position, int target)
    {
        _logits = logits;
        _vocabulary = vocabulary;
        Position = position;
        Target = target;
    }

    /// <summary>Input position in the row, from 0; per-token columns of the row (weights, advantages) are indexed by it.</summary>
    public int Position { get; }

    /// <summary>The token that follows in the row.</summary>
    public int Target { get; }

    /// <summary>[vocabulary] the logits; afterwards their gradient.</summary>
    public readonly Span<float> Values => new(_logits, _vocabulary);

    /// <summary>
    /// The negative log-probability of the target in nats. Overwrites the logits with unnormalised probabilities; call it once.
    /// </summary>
    public double TakeLoss() => SoftmaxCrossEntropy.Loss(_logits, _vocabulary, Target, out _total);

    /// <summary>
    /// After <see cref="TakeLoss"/>: sets the gradient to that of <paramref name="coefficient"/> · −log p(target), which is
    /// coefficient · (softmax − one-hot). Every loss that is a function of log p(target) is served by this with its own derivative.
    /// </summary>
    public readonly void SetGradient(float coefficient) => SoftmaxCrossEntropy.Gradient(_logits, _vocabulary, Target, _total, coefficient);
}
