using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Soft-capping (Gemma 2, arXiv:2408.00118): cap * tanh(value * scale / cap), which keeps values within -cap .. cap. Values of a tail use
/// the same exponential as full registers, so an element does not depend on where a range ends.
/// </summary>
static unsafe class SoftCap
{
    /// <summary>values[i] = cap * tanh(values[i] * scale / cap); a cap of 0 changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Execute(float* values, float scale, float cap, int length)
    {
        if (cap == 0)
        {
            return;
        }

        var factor = scale / cap;
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            (Tanh(Vector256.Load(values + i) * factor) * cap).Store(values + i);
        }

        for (; i < length; i++)
        {
            values[i] = (Tanh(Vector256.CreateScalar(values[i] * factor)) * cap).ToScalar();
        }
    }

    /// <summary>tanh |x| = (1 - e) / (1 + e) with e = exp(-2 |x|), which cannot overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Tanh(Vector256<float> values)
    {
        var exponential = Exp2.Approximate(Vector256.Abs(values) * (-2 * Exp2.Log2E));
        var magnitude = (Vector256<float>.One - exponential) / (Vector256<float>.One + exponential);
        return Vector256.ConditionalSelect(Vector256.Create(-0f), values, magnitude);
    }
}
