using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Portable vectors: products of widened bytes fit 16 bits (|-128 * 127| &lt; 2^15); neighbours are then added pair by pair with shifts.
/// </summary>
readonly struct Q8DotWidening : IQ8Dot
{
    public static string Name => "widening 128-bit";

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<sbyte> weights, Vector256<sbyte> activations) =>
        Vector256.Create(Multiply(weights.GetLower(), activations.GetLower()), Multiply(weights.GetUpper(), activations.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Multiply(Vector128<sbyte> weights, Vector128<sbyte> activations)
    {
        var (weightsLow, weightsHigh) = Vector128.Widen(weights);
        var (activationsLow, activationsHigh) = Vector128.Widen(activations);
        return Vector128.Narrow(SumFours(weightsLow * activationsLow), SumFours(weightsHigh * activationsHigh));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<long> SumFours(Vector128<short> products)
    {
        var ints = products.AsInt32();
        var pairs = ((ints << 16) >> 16) + (ints >> 16);
        // Both halves of each 64-bit lane now hold the sum; narrowing keeps one.
        return (pairs + Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).AsInt64();
    }
}
