namespace Noos.Training.Model;

/// <summary>
/// Computes the loss of rows of tokens and its gradient. There are two: <see cref="AutogradTransformer"/>, the reference in plain TorchSharp,
/// and <see cref="Fused.FusedTransformer"/>, hand-derived and several times faster; tests hold them equal.
/// </summary>
public interface IGradientSource
{
    /// <summary>Adds the gradient of <c>scale · Σ loss</c> of one row to this source's flat gradient buffer.</summary>
    /// <param name="tokens">[length + 1] token ids: each but the last is an input, each but the first a target.</param>
    /// <param name="isTarget">[length] which targets count, or empty for all.</param>
    /// <param name="scale">Usually one over the number of targets in the whole batch.</param>
    /// <returns>Sum of the cross-entropies of the counted targets, in nats, not scaled.</returns>
    double AddGradient(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget, float scale);

    /// <summary>The cross-entropies of one row in nats, without a gradient.</summary>
    /// <param name="tokens">As for <see cref="AddGradient"/>.</param>
    /// <param name="isTarget">As for <see cref="AddGradient"/>.</param>
    double Loss(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> isTarget);
}
