namespace Noos.Training.Model.Fused;

/// <summary>The three products of a linear layer, for one worker. Weights are [n, k], activations [rows, k] and [rows, n].</summary>
abstract unsafe class LinearProducts : IDisposable
{
    /// <summary>y = x · Wᵀ, or added to y.</summary>
    /// <param name="outputStride">Values between rows of y.</param>
    public abstract void Forward(WeightMatrix weight, float* input, float* output, int outputStride, int rows, bool accumulate);

    /// <summary>dW = dyᵀ · x, or added to dW, and dx = dy · W.</summary>
    /// <param name="outputStride">Values between rows of dy.</param>
    /// <param name="accumulate">About dW; dx is always written.</param>
    public abstract void Backward(
        WeightMatrix weight, float* input, float* outputGradient, int outputStride, float* inputGradient, int rows, bool accumulate);

    public abstract void Dispose();
}
