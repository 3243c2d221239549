using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>2^x for x up to zero, as softmax needs it: exactly 1 at zero, exactly 0 from -127 on, else to about a unit of the last place.</summary>
static class Exp2
{
    /// <summary>What natural exponents are multiplied with.</summary>
    public const float Log2E = 1.44269504f;

    const float MinExponent = -127;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Approximate(Vector256<float> exponent)
    {
        exponent = Vector256.MaxNative(exponent, Vector256.Create(MinExponent));
        var whole = Vector256.Round(exponent);
        var part = exponent - whole;
        // (2^f - 1) / f on [-1/2, 1/2], interpolated at Chebyshev's nodes: wrong by 5e-9 at most.
        // Estrin's order: a shorter chain than Horner's.
        var square = part * part;
        var low = Vector256.FusedMultiplyAdd(Vector256.Create(0.6931471880262288f), part, Vector256<float>.One);
        var middle = Vector256.FusedMultiplyAdd(Vector256.Create(0.05550357114219124f), part, Vector256.Create(0.24022650760568087f));
        var high = Vector256.FusedMultiplyAdd(Vector256.Create(0.001339086336464892f), part, Vector256.Create(0.009618082557285924f));
        high = Vector256.FusedMultiplyAdd(Vector256.Create(0.0001545316294214853f), square, high);
        var sum = Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(high, square, middle), square, low);
        return (sum.AsInt32() + Vector256.ShiftLeft(Vector256.ConvertToInt32Native(whole), 23)).AsSingle();
    }

    public static float Approximate(float exponent) => Approximate(Vector256.Create(exponent)).ToScalar();
}
