using System.Runtime.InteropServices;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Scale and sums of one block of 32 int8 activations (Q8_1 in llama.cpp, with the corrections for zero points added). The sums
/// let kernels multiply unsigned codes and take the zero point away once per block: sum((c - z) * a) = sum(c * a) - z * sum(a).
/// </summary>
/// <param name="Scale">Activation = quant * scale.</param>
/// <param name="ScaledSum">Sum * Scale: what a weight minimum, which is added to all 32 weights, contributes per unit.</param>
/// <param name="Sum">The sum of the 32 quants.</param>
/// <param name="FirstHalfSum">
/// 16 times the sum of the first 16 quants, at most 16 * 16 * 127 = 32512 in magnitude. vpmaddwd with a scale in both int16 lanes
/// counts it twice, which is the correction for zero point 32 (Q6_K); other zero points are shifts of it.
/// </param>
/// <param name="SecondHalfSum">16 times the sum of the last 16 quants.</param>
/// <param name="Bias">-128 * Sum: the start value of dot products with codes biased by 128, which cancels the bias.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct ActivationBlockScale(float Scale, float ScaledSum, int Sum, short FirstHalfSum, short SecondHalfSum, int Bias)
{
    // Byte offsets for emitted code; a test holds them to the runtime's layout. The int16 half sums lie at 12 and 14 as one dword.
    public const int ByteCount = 20;
    public const int ScaleOffset = 0;
    public const int ScaledSumOffset = 4;
    public const int HalfSumsOffset = 12;
    public const int BiasOffset = 16;
}
