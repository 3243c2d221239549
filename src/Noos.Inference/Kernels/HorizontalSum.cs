using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>
/// Horizontal sums in a fixed order: halves are added until one number is left, so the result does not depend on the instruction set.
/// </summary>
static class HorizontalSum
{
    /// <summary>Sum of eight lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reduce(Vector256<float> vector) => Reduce(vector.GetLower() + vector.GetUpper());

    /// <summary>Sum of four lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reduce(Vector128<float> vector)
    {
        var pairs = vector + Vector128.Shuffle(vector, Vector128.Create(2, 3, 0, 1));
        return pairs.ToScalar() + pairs.GetElement(1);
    }

    /// <summary>Sum of eight lanes in double precision, lane after lane.</summary>
    public static double ReduceToDouble(Vector256<float> vector)
    {
        double total = 0;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            total += vector[lane];
        }

        return total;
    }
}
