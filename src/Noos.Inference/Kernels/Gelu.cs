using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// GELU (Hendrycks and Gimpel, arXiv:1606.08415) with the error function itself and not its tanh approximation:
/// x (1 + erf(x / sqrt 2)) / 2, within 2e-7 of |x|.
/// </summary>
static unsafe class Gelu
{
    const float InverseSqrt2 = 0.70710678f;

    /// <summary>values[i] = GELU(values[i]) for a multiple of eight values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* values, int length)
    {
        for (var i = 0; i < length; i += 8)
        {
            Apply(Vector256.Load(values + i)).Store(values + i);
        }
    }

    /// <summary>values[i] = GELU(values[i]) * factors[i] for a multiple of eight values (GEGLU; Shazeer, arXiv:2002.05202).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* values, float* factors, int length)
    {
        for (var i = 0; i < length; i += 8)
        {
            (Apply(Vector256.Load(values + i)) * Vector256.Load(factors + i)).Store(values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Apply(Vector256<float> x)
    {
        // Abramowitz and Stegun 7.1.26: erf z = 1 - (a1 t + ... + a5 t^5) exp(-z^2), t = 1 / (1 + p z), z >= 0, wrong by 1.5e-7 at most.
        var z = Vector256.Abs(x) * InverseSqrt2;
        var t = Vector256<float>.One / Vector256.FusedMultiplyAdd(Vector256.Create(0.3275911f), z, Vector256<float>.One);
        var sum = Vector256.FusedMultiplyAdd(Vector256.Create(1.061405429f), t, Vector256.Create(-1.453152027f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(1.421413741f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(-0.284496736f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(0.254829592f));
        // One minus erf of |z|, which is what is left of x below 0 and what is missing above.
        var tail = sum * t * Exp2.Approximate(z * z * -Exp2.Log2E) * 0.5f;
        return x * Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), tail, Vector256<float>.One - tail);
    }
}
