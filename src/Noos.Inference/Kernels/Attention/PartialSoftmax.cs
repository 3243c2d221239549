using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// The softmax over some of the positions: beside it stands the sum of values, each times its exponential. Parts are merged in the order
/// of positions, so that a result does not depend on who computed which part (Dao et al., arXiv:2205.14135, section 3.1).
/// </summary>
struct PartialSoftmax
{
    /// <summary>2 to the power of this, whatever the largest score, is zero.</summary>
    public const float MaskedScore = -1e30f;

    /// <summary>The largest score, as a power of two.</summary>
    public float Max;

    /// <summary>Sum of the exponentials, the largest score's being 1; 0 where no position is seen.</summary>
    public float Denominator;

    /// <summary>Before the first part.</summary>
    /// <param name="sink">A score without a value, or null.</param>
    public static unsafe PartialSoftmax Start(float* sink) =>
        sink is null ? new PartialSoftmax { Max = MaskedScore } : new PartialSoftmax { Max = *sink * Exp2.Log2E, Denominator = 1 };

    /// <summary>Adds the next part.</summary>
    /// <param name="part">The softmax of the next positions.</param>
    /// <param name="values">[length], its sum of values.</param>
    /// <param name="sum">[length], the sum so far.</param>
    /// <param name="length">Width of a head, in whole groups of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Merge(in PartialSoftmax part, float* values, float* sum, int length)
    {
        if (part.Denominator == 0)
        {
            return;
        }

        var largest = MathF.Max(Max, part.Max);
        var old = Exp2.Approximate(Vector256.Create(Max - largest));
        var added = Exp2.Approximate(Vector256.Create(part.Max - largest));
        for (var i = 0; i < length; i += 8)
        {
            Vector256.FusedMultiplyAdd(Vector256.Load(values + i), added, Vector256.Load(sum + i) * old).Store(sum + i);
        }

        Denominator = (Denominator * old.ToScalar()) + (part.Denominator * added.ToScalar());
        Max = largest;
    }
}
