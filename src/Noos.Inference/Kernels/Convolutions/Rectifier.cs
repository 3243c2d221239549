using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Convolutions;

/// <summary>The leaky rectifier (Maas et al. 2013).</summary>
static class Rectifier
{
    /// <summary>x where it is positive, else x times a slope.</summary>
    public static void Leaky(ReadOnlySpan<float> source, float slope, Span<float> result)
    {
        result = result[..source.Length];
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(result);
        var i = 0;
        for (; i + Vector256<float>.Count <= source.Length; i += Vector256<float>.Count)
        {
            var value = Vector256.LoadUnsafe(ref from, (nuint)i);
            var negative = Vector256.Min(value, Vector256<float>.Zero);
            (Vector256.Max(value, Vector256<float>.Zero) + (negative * slope)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < source.Length; i++)
        {
            result[i] = Math.Max(source[i], 0) + (Math.Min(source[i], 0) * slope);
        }
    }
}
