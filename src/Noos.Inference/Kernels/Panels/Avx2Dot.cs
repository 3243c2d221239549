using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>AVX2: vpmaddubsw and vpmaddwd.</summary>
readonly struct Avx2Dot : IDotProductIsa
{
    public static string Name => "AVX2";

    public static KernelTier Tier => KernelTier.Avx2;

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations) =>
        Avx2.MultiplyAddAdjacent(codes, activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations) =>
        // vpmaddubsw wants its left side unsigned: the code's sign moves to the activation. |-128| is 128 as an unsigned byte, and
        // activations never are -128, so vpsignb can negate all of them.
        Avx2.MultiplyAddAdjacent(Avx2.Abs(codes), Avx2.Sign(activations, codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right) => Avx2.MultiplyAddAdjacent(left, right);
}
