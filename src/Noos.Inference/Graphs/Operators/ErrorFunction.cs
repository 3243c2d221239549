using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Graphs.Operators;

/// <summary>The error function of a row.</summary>
static class ErrorFunction
{
    /// <summary>The error function, to 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26).</summary>
    public static void Apply(ReadOnlySpan<float> source, Span<float> result)
    {
        result = result[..source.Length];
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(result);
        var i = 0;
        for (; i + Vector256<float>.Count <= source.Length; i += Vector256<float>.Count)
        {
            Apply(Vector256.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < source.Length; i++)
        {
            result[i] = Apply(Vector256.Create(source[i])).ToScalar();
        }
    }

    static Vector256<float> Apply(Vector256<float> x)
    {
        var size = Vector256.Abs(x);
        var t = Vector256<float>.One / Vector256.FusedMultiplyAdd(size, Vector256.Create(0.3275911f), Vector256<float>.One);
        var sum = Vector256.Create(1.061405429f);
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(-1.453152027f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(1.421413741f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(-0.284496736f));
        sum = Vector256.FusedMultiplyAdd(sum, t, Vector256.Create(0.254829592f));
        var value = Vector256<float>.One - (sum * t * Vector256.Exp(-(size * size)));

        // Odd: the sign of the result is that of x.
        return Vector256.CopySign(value, x);
    }
}
