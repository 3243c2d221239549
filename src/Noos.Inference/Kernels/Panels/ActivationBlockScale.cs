using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>What belongs to 32 quantized activations.</summary>
/// <param name="Scale">Activation = quant * scale.</param>
/// <param name="ScaledSum">The sum of the 32 quants, times the scale.</param>
/// <param name="Sum">The sum of the 32 quants.</param>
/// <param name="FirstHalfSum">16 times the sum of the first 16 quants: twice in a pair of words, it is what the zero point 32 takes away.</param>
/// <param name="SecondHalfSum">The same of the other 16.</param>
/// <param name="Bias">-128 times the sum: where sums of codes around 128 begin.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct ActivationBlockScale(float Scale, float ScaledSum, int Sum, short FirstHalfSum, short SecondHalfSum, int Bias)
{
    // Where emitted code finds them.
    public const int ByteCount = 20;
    public const int ScaleOffset = 0;
    public const int ScaledSumOffset = 4;
    public const int HalfSumsOffset = 12;
    public const int BiasOffset = 16;
}
