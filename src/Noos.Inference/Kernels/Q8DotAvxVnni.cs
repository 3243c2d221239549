using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels;

/// <summary>As <see cref="Q8DotMaddubsAvx2"/>, with both multiply-adds in one vpdpbusd.</summary>
readonly struct Q8DotAvxVnni : IQ8Dot
{
    public static string Name => "AVX-VNNI";

    public static bool IsSupported => AvxVnni.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<sbyte> weights, Vector256<sbyte> activations) =>
        AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, Avx2.Abs(weights), Avx2.Sign(activations, weights));
}
