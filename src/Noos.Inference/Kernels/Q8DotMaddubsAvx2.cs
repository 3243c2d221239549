using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels;

/// <summary>
/// vpmaddubsw wants one unsigned side: the weights' signs move to the activations. Two products are at most 2 * 128 * 127 &lt; 2^15, so
/// the saturating sum never saturates.
/// </summary>
readonly struct Q8DotMaddubsAvx2 : IQ8Dot
{
    public static string Name => "maddubs AVX2";

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<sbyte> weights, Vector256<sbyte> activations)
    {
        var pairs = Avx2.MultiplyAddAdjacent(Avx2.Abs(weights), Avx2.Sign(activations, weights));
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }
}
