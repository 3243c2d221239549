using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>Softmax cross-entropy of one row of logits in two passes, the loss and then its gradient in place.</summary>
/// <remarks>
/// Between the two an objective may look at the loss and choose the coefficient of the gradient (a ratio, a clip, a weight).
/// </remarks>
static unsafe class SoftmaxCrossEntropy
{
    /// <summary>Returns −log softmax(logits)[target] in nats and leaves the exponentials e^(logit − max) in place of the logits.</summary>
    /// <param name="logits">[width, padded to whole vectors]; the padding is scratch</param>
    /// <param name="total">Sum of the exponentials, which <see cref="Gradient"/> divides by.</param>
    public static double Loss(float* logits, int width, int target, out double total)
    {
        var lanes = Vector<float>.Count;
        var padded = (width + lanes - 1) / lanes * lanes;
        for (var i = width; i < padded; i++)
        {
            logits[i] = float.NegativeInfinity;
        }

        // Subtracting the largest logit keeps every exponential at most 1: no overflow, and the softmax does not change.
        var maximum = VectorReduction.Max(logits, padded);

        // Read before the loop below overwrites it.
        var targetLogit = logits[target];
        var sums = Vector<float>.Zero;
        for (var i = 0; i < padded; i += lanes)
        {
            var e = VectorExp.Exp(Vector.Load(logits + i) - new Vector<float>(maximum));
            sums += e;
            e.Store(logits + i);
        }

        // Padding exponentiates to the least positive value, 1e-38: invisible in the sum.
        total = Vector.Sum(sums);
        return Math.Log(total) + maximum - targetLogit;
    }

    /// <summary>
    /// After <see cref="Loss"/>: the exponentials become coefficient · (softmax − one-hot), the gradient of coefficient · loss.
    /// </summary>
    /// <param name="exponentials">[width, padded to whole vectors]</param>
    public static void Gradient(float* exponentials, int width, int target, double total, float coefficient)
    {
        var lanes = Vector<float>.Count;
        var padded = (width + lanes - 1) / lanes * lanes;
        var factor = new Vector<float>((float)(coefficient / total));
        for (var i = 0; i < padded; i += lanes)
        {
            (Vector.Load(exponentials + i) * factor).Store(exponentials + i);
        }

        exponentials[target] -= coefficient;
    }
}
