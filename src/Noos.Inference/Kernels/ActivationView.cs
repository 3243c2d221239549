using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels;

/// <summary>
/// Activation rows of several tokens: floats, and int8 blocks of 32 with scales where a kernel reads those. Owned by
/// <see cref="Activations"/>.
/// </summary>
/// <param name="values">[tokens, stride] floats.</param>
/// <param name="quants">[tokens, stride] signed bytes in -127 .. 127.</param>
/// <param name="int16Quants">[tokens, stride] the same numbers as int16, in the order of <see cref="Panels.Int16Codes"/>.</param>
/// <param name="blockScales">[tokens, stride / 32] scale and sums of each block.</param>
/// <param name="stride">Distance of two tokens' rows in elements, a multiple of 32.</param>
readonly unsafe struct ActivationView(float* values, sbyte* quants, short* int16Quants, ActivationBlockScale* blockScales, int stride)
{
    public float* Values { get; } = values;

    public sbyte* Quants { get; } = quants;

    public short* Int16Quants { get; } = int16Quants;

    public ActivationBlockScale* BlockScales { get; } = blockScales;

    public int Stride { get; } = stride;
}
