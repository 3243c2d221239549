using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.MachineCode;

/// <summary>
/// Multiply-adds of 32-bit floats in registers and nothing else: what no matrix product of this machine can exceed. One call is about a
/// tenth of a millisecond, shorter than the time slice after which a busy system interrupts a thread. Thread-safe.
/// </summary>
public static class MultiplyAddLoop
{
    const int Rounds = 10_000;

    // Ten sums keep two ports busy at a latency of four or five cycles, and fit the sixteen registers of AVX2.
    const int Sums = 10;

    /// <summary>In vectors of 256 bits.</summary>
    /// <returns>How many operations that were, a multiplication and an addition counted as two.</returns>
    public static long Run256() =>
        Add256(Vector256.Create(0.999f)) == Vector256<float>.Zero ? 0 : 2L * Vector256<float>.Count * Sums * Rounds;

    /// <summary>In vectors of 512 bits.</summary>
    /// <returns>As <see cref="Run256"/>; 0 where the processor has none.</returns>
    public static long Run512() =>
        !Vector512.IsHardwareAccelerated || Add512(Vector512.Create(0.999f)) == Vector512<float>.Zero
            ? 0
            : 2L * Vector512<float>.Count * Sums * Rounds;

    // What a loop returns decides nothing, but the compiler must not know. The sums are variables, so that they stay in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<float> Add256(Vector256<float> factor)
    {
        var (a, b, c, d, e) = (factor, factor, factor, factor, factor);
        var (f, g, h, i, j) = (factor, factor, factor, factor, factor);
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector256.MultiplyAddEstimate(a, factor, factor);
            b = Vector256.MultiplyAddEstimate(b, factor, factor);
            c = Vector256.MultiplyAddEstimate(c, factor, factor);
            d = Vector256.MultiplyAddEstimate(d, factor, factor);
            e = Vector256.MultiplyAddEstimate(e, factor, factor);
            f = Vector256.MultiplyAddEstimate(f, factor, factor);
            g = Vector256.MultiplyAddEstimate(g, factor, factor);
            h = Vector256.MultiplyAddEstimate(h, factor, factor);
            i = Vector256.MultiplyAddEstimate(i, factor, factor);
            j = Vector256.MultiplyAddEstimate(j, factor, factor);
        }

        return a + b + c + d + e + f + g + h + i + j;
    }

    /// <inheritdoc cref="Add256"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector512<float> Add512(Vector512<float> factor)
    {
        var (a, b, c, d, e) = (factor, factor, factor, factor, factor);
        var (f, g, h, i, j) = (factor, factor, factor, factor, factor);
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector512.MultiplyAddEstimate(a, factor, factor);
            b = Vector512.MultiplyAddEstimate(b, factor, factor);
            c = Vector512.MultiplyAddEstimate(c, factor, factor);
            d = Vector512.MultiplyAddEstimate(d, factor, factor);
            e = Vector512.MultiplyAddEstimate(e, factor, factor);
            f = Vector512.MultiplyAddEstimate(f, factor, factor);
            g = Vector512.MultiplyAddEstimate(g, factor, factor);
            h = Vector512.MultiplyAddEstimate(h, factor, factor);
            i = Vector512.MultiplyAddEstimate(i, factor, factor);
            j = Vector512.MultiplyAddEstimate(j, factor, factor);
        }

        return a + b + c + d + e + f + g + h + i + j;
    }
}
