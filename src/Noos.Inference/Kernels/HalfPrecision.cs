using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Finite half-precision numbers to single precision and back. .NET has no F16C intrinsic: the bits are shifted to where a float has
/// them and the exponent's bias is corrected by a multiplication, which is exact for subnormal numbers too.
/// </summary>
static class HalfPrecision
{
    /// <summary>2^(127 - 15)</summary>
    public const float BiasCorrection = 5.192296858534828e33f;

    const float MaxFinite = 65504;
    const float MinNormal = 6.103515625e-05f; // 2^-14

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort bits)
    {
        var magnitude = BitConverter.UInt32BitsToSingle((bits & 0x7FFFu) << 13) * BiasCorrection;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude) | ((bits & 0x8000u) << 16));
    }

    /// <summary>Eight of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> Load(ushort* halves)
    {
        // The extended sign is copied above the exponent; all but the topmost copy goes.
        var bits = Vector256.ShiftLeft(Vector256.WidenLower(Vector128.Load((short*)halves).ToVector256Unsafe()), 13);
        return (bits & Vector256.Create(unchecked((int)0x8FFFFFFF))).AsSingle() * Vector256.Create(BiasCorrection);
    }

    /// <summary>The nearest half, of two equally near ones the even one; what is too large becomes the largest.</summary>
    public static ushort FromSingle(float value) => (ushort)FromSingle(Vector256.Create(value)).ToScalar();

    /// <summary>As <see cref="FromSingle(float)"/>, each half in the low bits of its word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> FromSingle(Vector256<float> values)
    {
        var magnitude = Vector256.Min(Vector256.Abs(values), Vector256.Create(MaxFinite));
        var shifted = (magnitude * Vector256.Create(1 / BiasCorrection)).AsUInt32();
        var even = Vector256.ShiftRightLogical(shifted, 13) & Vector256<uint>.One;
        var normal = Vector256.ShiftRightLogical(shifted + Vector256.Create(0xFFFu) + even, 13);
        // Between 1/2 and 1 floats are as far apart as subnormal halves, so an addition rounds to them.
        var subnormal = (magnitude + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0.5f).AsUInt32();
        var isNormal = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(MinNormal)).AsUInt32();
        return Vector256.ConditionalSelect(isNormal, normal, subnormal) | (Vector256.ShiftRightLogical(values.AsUInt32(), 16) & Vector256.Create(0x8000u));
    }
}
