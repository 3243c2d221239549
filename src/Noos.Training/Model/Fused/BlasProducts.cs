namespace Noos.Training.Model.Fused;

/// <summary>Products by the BLAS inside libtorch: the reference.</summary>
sealed unsafe class BlasProducts(float* weights, float* gradients) : LinearProducts
{
    public override void Forward(WeightMatrix weight, float* input, float* output, int outputStride, int rows, bool accumulate) =>
        Blas.TimesTransposed(
            rows, weight.Rows, weight.Columns, 1, input, weight.Columns, weights + weight.Offset, weight.Columns, accumulate ? 1 : 0,
            output, outputStride);

    public override void Backward(
        WeightMatrix weight, float* input, float* outputGradient, int outputStride, float* inputGradient, int rows, bool accumulate)
    {
        Blas.TransposedTimes(
            weight.Rows, weight.Columns, rows, 1, outputGradient, outputStride, input, weight.Columns, accumulate ? 1 : 0,
            gradients + weight.Offset, weight.Columns);
        Blas.Times(
            rows, weight.Columns, weight.Rows, 1, outputGradient, outputStride, weights + weight.Offset, weight.Columns, 0, inputGradient,
            weight.Columns);
    }

    public override void Dispose()
    {
        // All memory is the caller's.
    }
}
