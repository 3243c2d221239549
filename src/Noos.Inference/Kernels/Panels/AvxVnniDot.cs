using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>AVX-VNNI: vpdpbusd in its 256-bit VEX form (no AVX-512 needed); the rest as AVX2.</summary>
readonly struct AvxVnniDot : IDotProductIsa
{
    public static string Name => "AVX-VNNI";

    public static KernelTier Tier => KernelTier.AvxVnni;

    public static bool IsSupported => AvxVnni.IsSupported;

    public static bool HasDotAccumulate => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations) =>
        Avx2Dot.MultiplyAddPairs(codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations) =>
        Avx2Dot.MultiplyAddSignedPairs(codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right) => Avx2Dot.MultiplyAddPairs(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> DotAccumulate(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> activations) =>
        AvxVnni.MultiplyWideningAndAdd(sums, codes, activations);
}
