namespace Noos.Inference.Kernels;

/// <summary>Activation rows of several tokens: floats, and 8-bit blocks of 32 with a scale where a kernel asks for them.</summary>
/// <param name="values">[tokens, stride] floats.</param>
/// <param name="quants">[tokens, stride] signed bytes in -127 .. 127.</param>
/// <param name="scales">[tokens, stride / 32] floats: value = quant * scale.</param>
/// <param name="stride">Distance of two tokens' rows.</param>
readonly unsafe struct ActivationView(float* values, sbyte* quants, float* scales, int stride)
{
    public float* Values { get; } = values;

    public sbyte* Quants { get; } = quants;

    public float* Scales { get; } = scales;

    public int Stride { get; } = stride;
}
