using System.Numerics;

namespace Noos.Training.Model.Fused;

/// <summary>Softmax cross-entropy of one row of logits, and its gradient in place.</summary>
static unsafe class CrossEntropy
{
    /// <summary>Returns the loss in nats. When <paramref name="scale"/> is not zero, the logits become scale · (softmax − one-hot).</summary>
    /// <param name="logits">[padded]; beyond <paramref name="width"/> up to whole vectors they are scratch</param>
    public static double Row(float* logits, int width, int target, float scale)
    {
        var lanes = Vector<float>.Count;
        var padded = (width + lanes - 1) / lanes * lanes;
        for (var i = width; i < padded; i++)
        {
            logits[i] = float.NegativeInfinity;
        }

        var largest = new Vector<float>(float.NegativeInfinity);
        for (var i = 0; i < padded; i += lanes)
        {
            largest = Vector.Max(largest, Vector.Load(logits + i));
        }

        var maximum = VectorMaximum.Of(largest);

        var targetLogit = logits[target];
        var sums = Vector<float>.Zero;
        for (var i = 0; i < padded; i += lanes)
        {
            var e = VectorExp.Exp(Vector.Load(logits + i) - new Vector<float>(maximum));
            sums += e;
            e.Store(logits + i);
        }

        // Padding exponentiates to the least positive value, 1e-38: invisible in the sum.
        double total = Vector.Sum(sums);
        if (scale != 0)
        {
            var factor = new Vector<float>((float)(scale / total));
            for (var i = 0; i < padded; i += lanes)
            {
                (Vector.Load(logits + i) * factor).Store(logits + i);
            }

            logits[target] -= scale;
        }

        return Math.Log(total) + maximum - targetLogit;
    }
}
