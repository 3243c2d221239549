using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels;

/// <summary>Activation rows of several tokens: floats, and blocks of 32 quants with a scale where a kernel asks for them.</summary>
/// <param name="values">[tokens, stride] floats.</param>
/// <param name="quants">[tokens, stride] signed bytes in -127 .. 127.</param>
/// <param name="int16Quants">[tokens, stride] the same numbers as words, in the order of <see cref="Panels.Int16Codes"/>.</param>
/// <param name="blockScales">[tokens, stride / 32]</param>
/// <param name="stride">Distance of two tokens' rows.</param>
readonly unsafe struct ActivationView(float* values, sbyte* quants, short* int16Quants, ActivationBlockScale* blockScales, int stride)
{
    public float* Values { get; } = values;

    public sbyte* Quants { get; } = quants;

    public short* Int16Quants { get; } = int16Quants;

    public ActivationBlockScale* BlockScales { get; } = blockScales;

    public int Stride { get; } = stride;
}
