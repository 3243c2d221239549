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
    public const float Hidden = -1e30f;

    /// <summary>The largest score, as a power of two.</summary>
    public float Largest;

    /// <summary>Sum of the exponentials, the largest score's being 1; 0 where no position is seen.</summary>
    public float Weight;

    /// <summary>Before the first part.</summary>
    /// <param name="sink">A score without a value, or null.</param>
    public static unsafe PartialSoftmax Begin(float* sink) =>
        sink is null ? new PartialSoftmax { Largest = Hidden } : new PartialSoftmax { Largest = *sink * PowerOfTwo.Log2E, Weight = 1 };

    /// <summary>Adds the next part.</summary>
    /// <param name="part">The softmax of the next positions.</param>
    /// <param name="values">[length], its sum of values.</param>
    /// <param name="sum">[length], the sum so far.</param>
    /// <param name="length">Width of a head, in whole groups of eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Add(in PartialSoftmax part, float* values, float* sum, int length)
    {
        if (part.Weight == 0)
        {
            return;
        }

        var largest = MathF.Max(Largest, part.Largest);
        var old = PowerOfTwo.Of(Vector256.Create(Largest - largest));
        var added = PowerOfTwo.Of(Vector256.Create(part.Largest - largest));
        for (var i = 0; i < length; i += 8)
        {
            Vector256.FusedMultiplyAdd(Vector256.Load(values + i), added, Vector256.Load(sum + i) * old).Store(sum + i);
        }

        Weight = (Weight * old.ToScalar()) + (part.Weight * added.ToScalar());
        Largest = largest;
    }
}
