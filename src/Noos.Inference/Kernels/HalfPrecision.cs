using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Finite half-precision numbers to single precision. .NET has no F16C intrinsic: the bits are shifted to where a float has them and
/// the exponent's bias is corrected by a multiplication, which is exact for subnormal numbers too.
/// </summary>
static class HalfPrecision
{
    const float BiasCorrection = 5.192296858534828e33f; // 2^(127 - 15)

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort bits)
    {
        var magnitude = BitConverter.UInt32BitsToSingle((bits & 0x7FFFu) << 13) * BiasCorrection;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude) | ((bits & 0x8000u) << 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector256<uint> bits)
    {
        var magnitude = Vector256.ShiftLeft(bits & Vector256.Create(0x7FFFu), 13).AsSingle() * Vector256.Create(BiasCorrection);
        return (magnitude.AsUInt32() | Vector256.ShiftLeft(bits & Vector256.Create(0x8000u), 16)).AsSingle();
    }
}
