using Noos.Training.Kernels;

namespace Noos.Training.Model.Fused;

/// <summary>Products by our own kernels, on weights packed once per step.</summary>
/// <param name="gradients">Flat gradient buffer, added to.</param>
sealed unsafe class PanelProducts(PackedWeights weights, float* gradients) : LinearProducts
{
    readonly Gemm _gemm = new(weights.Kernel);
    readonly PanelPacker _packer = new(weights.Kernel);
    readonly CellBuffer _input = new();

    public override void Forward(WeightMatrix weight, float* input, float* output, int outputStride, int rows, bool accumulate) =>
        _gemm.Multiply(
            TileLayout.ByRow, input, weight.Columns, weights.Forward(weight), 0, rows, weight.Rows, weight.Columns, output, outputStride,
            accumulate);

    public override void Backward(
        WeightMatrix weight, float* input, float* outputGradient, int outputStride, float* inputGradient, int rows, bool accumulate)
    {
        var kernel = weights.Kernel;
        var panels = Panels.At(_input.Require(Panels.Length(kernel, rows, weight.Columns)), kernel, rows);
        _packer.Pack(input, weight.Columns, weight.Columns, rows, panels);
        _gemm.Multiply(
            TileLayout.ByColumn, outputGradient, outputStride, panels, 0, weight.Rows, weight.Columns, rows, gradients + weight.Offset,
            weight.Columns, accumulate);
        _gemm.Multiply(
            TileLayout.ByRow, outputGradient, outputStride, weights.Backward(weight), 0, rows, weight.Columns, weight.Rows, inputGradient,
            weight.Columns, accumulate: false);
    }

    public override void Dispose()
    {
        _gemm.Dispose();
        _packer.Dispose();
        _input.Dispose();
    }
}
