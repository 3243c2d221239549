using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Any processor, with Vector256 operations only; the JIT maps them to NEON or SSE.</summary>
readonly struct PortableDot : IDotProductIsa
{
    public static string Name => "portable";

    public static KernelTier Tier => KernelTier.Portable;

    public static bool IsSupported => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations)
    {
        var (left, right) = (codes.AsInt16(), activations.AsInt16());
        // A vector of int16 holds two bytes per lane. Even bytes are isolated by a mask (unsigned) or by shifting up and back down
        // (signed), odd bytes by one shift; products and their sum stay in the lane.
        var even = (left & Vector256.Create((short)0xFF)) * Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(right, 8), 8);
        return even + (Vector256.ShiftRightLogical(left, 8) * Vector256.ShiftRightArithmetic(right, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations)
    {
        var (left, right) = (codes.AsInt16(), activations.AsInt16());
        var even = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(left, 8), 8)
            * Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(right, 8), 8);
        return even + (Vector256.ShiftRightArithmetic(left, 8) * Vector256.ShiftRightArithmetic(right, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right)
    {
        var (a, b) = (left.AsInt32(), right.AsInt32());
        // As above, one size up: two int16 per int32 lane, both sign-extended by shifts.
        var even = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(a, 16), 16)
            * Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(b, 16), 16);
        return even + (Vector256.ShiftRightArithmetic(a, 16) * Vector256.ShiftRightArithmetic(b, 16));
    }
}
