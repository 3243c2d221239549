using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>vpdpbusd in registers of 256 bits, beside what AVX2 has.</summary>
readonly struct AvxVnniDot : IDotProductIsa
{
    public static string Name => "AVX-VNNI";

    public static KernelTier Tier => KernelTier.AvxVnni;

    public static bool IsSupported => AvxVnni.IsSupported;

    public static bool HasDot => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Pairs(Vector256<byte> codes, Vector256<sbyte> activations) => Avx2Dot.Pairs(codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> SignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations) => Avx2Dot.SignedPairs(codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Pairs(Vector256<short> left, Vector256<short> right) => Avx2Dot.Pairs(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> activations) =>
        AvxVnni.MultiplyWideningAndAdd(sums, codes, activations);
}
