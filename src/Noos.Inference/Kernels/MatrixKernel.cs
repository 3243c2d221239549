namespace Noos.Inference.Kernels;

/// <summary>
/// Products of a weight matrix, as it lies in the file, with a few activation rows. The seam between the forward pass and the
/// machine: one class a storage format and technique. An output depends on its weight row and its activation row alone, never on how
/// rows and tokens were grouped, so batch size and thread count cannot change a result.
/// </summary>
abstract unsafe class MatrixKernel
{
    /// <summary>Storage format and technique, for example "Q8_0 maddubs AVX2".</summary>
    public abstract string Name { get; }

    /// <summary>True where this machine has the instructions.</summary>
    public abstract bool IsSupported { get; }

    /// <summary>True when <see cref="Multiply"/> reads the 8-bit form of the activations instead of the floats.</summary>
    public abstract bool QuantizesActivations { get; }

    /// <summary>Bytes of one row of <paramref name="columns"/> weights.</summary>
    public abstract long RowBytes(int columns);

    /// <summary>
    /// output[token, row] = (or +=) dot(weights[row], input[token]) for rows rowBegin .. rowEnd-1 and all tokens.
    /// </summary>
    /// <param name="weights">[rows, columns], the first row of the matrix.</param>
    /// <param name="columns">Weights of a row.</param>
    /// <param name="rowBegin">First row to compute.</param>
    /// <param name="rowEnd">Row after the last one to compute.</param>
    /// <param name="input">[tokens, columns]</param>
    /// <param name="tokens">Number of activation rows.</param>
    /// <param name="output">[tokens, outputStride]</param>
    /// <param name="outputStride">Distance of two tokens' outputs.</param>
    /// <param name="accumulate">Add to the output instead of replacing it.</param>
    public abstract void Multiply(
        byte* weights, int columns, int rowBegin, int rowEnd, in ActivationView input, int tokens, float* output, int outputStride, bool accumulate);

    /// <summary>Writes one row of weights as floats.</summary>
    public abstract void CopyRow(byte* weights, int columns, int row, float* destination);
}
