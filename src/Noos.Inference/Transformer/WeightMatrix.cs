using Noos.Inference.Kernels;

namespace Noos.Inference.Transformer;

/// <summary>A weight matrix [rows, columns] as it lies in the mapped file, with the kernel for its storage format.</summary>
sealed unsafe class WeightMatrix(MatrixKernel kernel, byte* data, int rows, int columns)
{
    public int Rows => rows;

    public int Columns => columns;

    public bool QuantizesActivations => kernel.QuantizesActivations;

    /// <inheritdoc cref="MatrixKernel.Multiply"/>
    public void Multiply(int rowBegin, int rowEnd, in ActivationView input, int tokens, float* output, int outputStride, bool accumulate = false) =>
        kernel.Multiply(data, columns, rowBegin, rowEnd, input, tokens, output, outputStride, accumulate);

    /// <inheritdoc cref="MatrixKernel.CopyRow"/>
    public void CopyRow(int row, float* destination) => kernel.CopyRow(data, columns, row, destination);
}
