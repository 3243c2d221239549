using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Finite F16 numbers to floats and back. .NET has no F16C intrinsic (vcvtph2ps): the bits are shifted to where a float has them and the
/// exponent's bias is corrected by a multiplication, which is exact for subnormal numbers too. Infinities and NaN are not supported.
/// </summary>
static class HalfPrecision
{
    /// <summary>2^(127 - 15): the difference of the exponents' biases.</summary>
    public const float BiasCorrection = 5.192296858534828e33f;

    const float MaxFinite = 65504;
    const float MinNormal = 6.103515625e-05f; // 2^-14

    /// <summary>One half to a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort bits)
    {
        // Sign apart; exponent and fraction move to where a float has them, then the bias is corrected.
        var magnitude = BitConverter.UInt32BitsToSingle((bits & 0x7FFFu) << 13) * BiasCorrection;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude) | ((bits & 0x8000u) << 16));
    }

    /// <summary>Eight halves to floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> Load(ushort* halves)
    {
        // Sign extension to int32 leaves copies of the sign in bits 31 .. 28 after the shift; the mask keeps only the topmost.
        var bits = Vector256.ShiftLeft(Vector256.WidenLower(Vector128.Load((short*)halves).ToVector256Unsafe()), 13);
        return (bits & Vector256.Create(unchecked((int)0x8FFFFFFF))).AsSingle() * Vector256.Create(BiasCorrection);
    }

    /// <summary>The nearest half, ties to even; what is too large becomes the largest finite one.</summary>
    public static ushort FromSingle(float value) => (ushort)FromSingle(Vector256.Create(value)).ToScalar();

    /// <summary>As <see cref="FromSingle(float)"/>, each half in the low 16 bits of its lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> FromSingle(Vector256<float> values)
    {
        var magnitude = Vector256.Min(Vector256.Abs(values), Vector256.Create(MaxFinite));
        var shifted = (magnitude * Vector256.Create(1 / BiasCorrection)).AsUInt32();
        // 13 bits of the fraction go: add half a unit less one, and one more if the last kept bit is odd. A carry
        // into the exponent is right.
        var even = Vector256.ShiftRightLogical(shifted, 13) & Vector256<uint>.One;
        var normal = Vector256.ShiftRightLogical(shifted + Vector256.Create(0xFFFu) + even, 13);
        // Floats in [1/2, 1) are 2^-24 apart, as subnormal halves are, so an addition rounds to them, half to even.
        var subnormal = (magnitude + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0.5f).AsUInt32();
        var isNormal = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(MinNormal)).AsUInt32();
        return Vector256.ConditionalSelect(isNormal, normal, subnormal)
            | (Vector256.ShiftRightLogical(values.AsUInt32(), 16) & Vector256.Create(0x8000u));
    }
}
