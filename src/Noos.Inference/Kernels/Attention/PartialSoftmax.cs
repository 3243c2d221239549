using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// State of the online softmax over some positions; beside it stands the sum of values, each times its exponential. Parts are merged in the
/// order of positions, so a result does not depend on who computed which part (FlashAttention: Dao et al., arXiv:2205.14135, section 3.1).
/// </summary>
struct PartialSoftmax
{
    /// <summary>
    /// Stands for minus infinity: 2 to the power of this minus any real maximum is 0. Infinity itself could give inf - inf = NaN.
    /// </summary>
    public const float MaskedScore = -1e30f;

    /// <summary>Running maximum m of the scores, times log2(e).</summary>
    public float Max;

    /// <summary>Running denominator l: sum of 2^(score - max); 0 where no position is seen.</summary>
    public float Denominator;

    /// <summary>The state before the first part.</summary>
    /// <param name="sink">Attention sink: a score without a value; may be null.</param>
    public static unsafe PartialSoftmax Start(float* sink) =>
        sink is null ? new PartialSoftmax { Max = MaskedScore } : new PartialSoftmax { Max = *sink * Exp2.Log2E, Denominator = 1 };

    /// <summary>Merges the next part: both sums are rescaled to the common maximum and added.</summary>
    /// <param name="part">The softmax of the next positions.</param>
    /// <param name="values">[length], the part's sum of values.</param>
    /// <param name="sum">[length], the sum so far.</param>
    /// <param name="length">Head length, padded to a multiple of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Merge(in PartialSoftmax part, float* values, float* sum, int length)
    {
        // Nothing was seen: the part's maximum is the default 0 and no score.
        if (part.Denominator == 0)
        {
            return;
        }

        var largest = MathF.Max(Max, part.Max);
        // One of the two factors is 2^0, exactly 1: the other side is scaled down, so nothing overflows.
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
