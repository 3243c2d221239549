using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// 2^x for x up to 0, as softmax and sigmoid need it: exactly 1 at 0, exactly 0 from -127 down, within 2e-7 relative down to -126 (between
/// -127 and -126 the result is subnormal and inexact).
/// </summary>
static class Exp2
{
    /// <summary>log2(e): e^x = 2^(x * log2(e)).</summary>
    public const float Log2E = 1.44269504f;

    const float MinExponent = -127;

    /// <summary>2^exponent for eight exponents, none above 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Approximate(Vector256<float> exponent)
    {
        // At -127 the exponent bits of 1.0 become all zero: 0.0 without a branch.
        exponent = Vector256.MaxNative(exponent, Vector256.Create(MinExponent));
        var whole = Vector256.Round(exponent);
        var part = exponent - whole;
        // 2^x = 2^whole * 2^part with part in [-1/2, 1/2]. (2^f - 1) / f is interpolated at Chebyshev nodes: wrong by 5e-9 at most, and the
        // form 1 + f * p(f) is exact at 0. Estrin's scheme has a shorter chain of dependent operations than Horner's.
        var square = part * part;
        var low = Vector256.FusedMultiplyAdd(Vector256.Create(0.6931471880262288f), part, Vector256<float>.One);
        var middle = Vector256.FusedMultiplyAdd(Vector256.Create(0.05550357114219124f), part, Vector256.Create(0.24022650760568087f));
        var high = Vector256.FusedMultiplyAdd(Vector256.Create(0.001339086336464892f), part, Vector256.Create(0.009618082557285924f));
        high = Vector256.FusedMultiplyAdd(Vector256.Create(0.0001545316294214853f), square, high);
        var sum = Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(high, square, middle), square, low);
        // Multiplies by 2^whole by adding to the exponent bits.
        return (sum.AsInt32() + Vector256.ShiftLeft(Vector256.ConvertToInt32Native(whole), 23)).AsSingle();
    }

    /// <summary>The same for sixteen exponents, with the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Approximate(Vector512<float> exponent)
    {
        exponent = Vector512.MaxNative(exponent, Vector512.Create(MinExponent));
        var whole = Vector512.Round(exponent);
        var part = exponent - whole;
        var square = part * part;
        var low = Vector512.FusedMultiplyAdd(Vector512.Create(0.6931471880262288f), part, Vector512<float>.One);
        var middle = Vector512.FusedMultiplyAdd(Vector512.Create(0.05550357114219124f), part, Vector512.Create(0.24022650760568087f));
        var high = Vector512.FusedMultiplyAdd(Vector512.Create(0.001339086336464892f), part, Vector512.Create(0.009618082557285924f));
        high = Vector512.FusedMultiplyAdd(Vector512.Create(0.0001545316294214853f), square, high);
        var sum = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(high, square, middle), square, low);
        return (sum.AsInt32() + Vector512.ShiftLeft(Vector512.ConvertToInt32Native(whole), 23)).AsSingle();
    }

    /// <summary>2^exponent, with the same bits as the vector version.</summary>
    public static float Approximate(float exponent) => Approximate(Vector256.Create(exponent)).ToScalar();
}
