using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Tests.Support;

/// <summary>What AVX-VNNI does, on every machine.</summary>
readonly struct SoftwareDot : IDotProductIsa
{
    public static string Name => "dot products in software";

    public static KernelTier Tier => KernelTier.AvxVnni;

    public static bool IsSupported => true;

    public static bool HasDotAccumulate => true;

    public static Vector256<short> MultiplyAddPairs(Vector256<byte> codes, Vector256<sbyte> activations) =>
        PortableDot.MultiplyAddPairs(codes, activations);

    public static Vector256<short> MultiplyAddSignedPairs(Vector256<sbyte> codes, Vector256<sbyte> activations) =>
        PortableDot.MultiplyAddSignedPairs(codes, activations);

    public static Vector256<int> MultiplyAddPairs(Vector256<short> left, Vector256<short> right) =>
        PortableDot.MultiplyAddPairs(left, right);

    public static Vector256<int> DotAccumulate(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> activations)
    {
        var (lowCodes, highCodes) = Vector256.Widen(codes);
        var (low, high) = Vector256.Widen(activations);
        // Products of a byte and a signed byte fit a word; their sums do not.
        var (a, b) = Vector256.Widen(lowCodes.AsInt16() * low);
        var (c, d) = Vector256.Widen(highCodes.AsInt16() * high);
        return sums + Vector256.Create(Fours(a, b), Fours(c, d));
    }

    static Vector128<int> Fours(Vector256<int> a, Vector256<int> b) => Vector128.Create(
        Vector128.Sum(a.GetLower()), Vector128.Sum(a.GetUpper()), Vector128.Sum(b.GetLower()), Vector128.Sum(b.GetUpper()));
}
