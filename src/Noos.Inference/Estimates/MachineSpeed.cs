using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Noos.Core.Memory;
using Noos.MachineCode;

namespace Noos.Inference.Estimates;

/// <summary>What the cores of this machine do together, measured in about a second: the limits of running a model.</summary>
/// <param name="BytesPerSecond">Reading memory: decoding one token reads all weights.</param>
/// <param name="OperationsPerSecond">Multiplications and additions of 32-bit floats.</param>
/// <param name="ProductsPerSecond">
/// Products of 8-bit integers, added up, by the best instruction of the processor that the kernels can use: reading a prompt computes many
/// tokens at each read of a weight. 0 where there is none.
/// </param>
public readonly record struct MachineSpeed(double BytesPerSecond, double OperationsPerSecond, double ProductsPerSecond)
{
    // Together more than any cache holds.
    const long MaxProbeBytes = 512L << 20;
    const int PieceBytes = 4 << 20;
    const int PrefetchDistance = 4096;
    const int CacheLine = 64;
    const int Sums = 10;
    const int Rounds = 10_000;

    static readonly TimeSpan s_time = TimeSpan.FromMilliseconds(250);

    /// <param name="threads">0 for all cores.</param>
    public static MachineSpeed Measure(int threads = 0)
    {
        threads = threads == 0 ? Environment.ProcessorCount : threads;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var bytes = Math.Max(PieceBytes, Math.Min(MaxProbeBytes, memory / 8) / threads);
        return new MachineSpeed(
            OnCores(threads, () => Read(bytes)),
            OnCores(threads, () => Best(MultiplyAddLoop.Run256, MultiplyAddLoop.Run512)),
            OnCores(threads, () => Best(ProductLoop.Run, MultiplyFours, MultiplyPairs512, MultiplyPairs)));
    }

    /// <summary>Seconds that the cores need at least.</summary>
    /// <param name="products">Products of weights and activations.</param>
    /// <param name="floatShare">The part of them whose weights are floats, from 0 to 1.</param>
    /// <param name="operations">Other operations with floats, such as those of attention.</param>
    public double SecondsFor(double products, double floatShare, double operations)
    {
        floatShare = ProductsPerSecond > 0 ? floatShare : 1;
        var integers = products * (1 - floatShare);
        return (integers > 0 ? integers / ProductsPerSecond : 0) + (((2 * products * floatShare) + operations) / OperationsPerSecond);
    }

    static double OnCores(int count, Func<double> work)
    {
        var rates = new double[count];
        var threads = Array.ConvertAll(Enumerable.Range(0, rates.Length).ToArray(), core => new Thread(() => rates[core] = work()));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return rates.Sum();
    }

    /// <summary>
    /// Bytes a second, as the engine reads weights: huge pages, asked for ahead. The median of short pieces, because others may use the
    /// machine too.
    /// </summary>
    static unsafe double Read(long bytes)
    {
        var memory = HugePages.Allocate((nuint)bytes);
        try
        {
            // Written once, so that every page is there: reading memory that was never written reads one page of zeros again and again.
            NativeMemory.Clear(memory, (nuint)bytes);
            return Read(memory, bytes);
        }
        finally
        {
            HugePages.Free(memory);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe double Read(byte* memory, long bytes)
    {
        var rates = new List<double>();
        var total = Vector256<byte>.Zero;
        long place = 0;
        for (var end = End(); Stopwatch.GetTimestamp() < end; place = place + (2 * PieceBytes) <= bytes ? place + PieceBytes : 0)
        {
            var start = Stopwatch.GetTimestamp();
            for (var piece = memory + place; piece < memory + place + PieceBytes; piece += 2 * CacheLine)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(piece + PrefetchDistance);
                    Sse.Prefetch0(piece + PrefetchDistance + CacheLine);
                }

                total ^= Vector256.Load(piece) ^ Vector256.Load(piece + 32) ^ Vector256.Load(piece + 64) ^ Vector256.Load(piece + 96);
            }

            rates.Add(PieceBytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        rates.Sort();

        // The sum decides nothing, but the compiler must not know.
        return total == Vector256<byte>.AllBitsSet ? 0 : rates[rates.Count / 2];
    }

    /// <summary>Operations a second: the best of short pieces.</summary>
    /// <param name="works">Each does some and says how many; 0 where the processor cannot.</param>
    static double Best(params Func<long>[] works)
    {
        works = Array.FindAll(works, work => work() > 0);
        var best = 0.0;
        for (var end = End(); Stopwatch.GetTimestamp() < end && works.Length > 0;)
        {
            foreach (var work in works)
            {
                var start = Stopwatch.GetTimestamp();
                var count = work();
                best = Math.Max(best, count / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    // What a loop returns decides nothing, but the compiler must not know.
    static long MultiplyFours() =>
        !AvxVnni.IsSupported || MultiplyFours(Vector256<byte>.One, Vector256<sbyte>.One) == Vector256<int>.Zero
            ? 0
            : (long)Vector256<byte>.Count * Sums * Rounds;

    static long MultiplyPairs() =>
        !Avx2.IsSupported || MultiplyPairs(Vector256<sbyte>.One) == Vector256<int>.Zero ? 0 : (long)Vector256<byte>.Count * Sums * Rounds;

    static long MultiplyPairs512() =>
        !Avx512BW.IsSupported || MultiplyPairs512(Vector512<sbyte>.One) == Vector512<int>.Zero
            ? 0
            : (long)Vector512<byte>.Count * Sums * Rounds;

    /// <summary>
    /// As many sums as keep the multipliers busy while each waits for its own last result; nothing else, so that they stay in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> MultiplyPairs(Vector256<sbyte> factor)
    {
        var (a, b, c, d, e) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        var (f, g, h, i, j) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        var ones = Vector256<short>.One;
        for (var round = 0; round < Rounds; round++)
        {
            a = Avx2.Add(a, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(a.AsByte(), factor), ones));
            b = Avx2.Add(b, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(b.AsByte(), factor), ones));
            c = Avx2.Add(c, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(c.AsByte(), factor), ones));
            d = Avx2.Add(d, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(d.AsByte(), factor), ones));
            e = Avx2.Add(e, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(e.AsByte(), factor), ones));
            f = Avx2.Add(f, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(f.AsByte(), factor), ones));
            g = Avx2.Add(g, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(g.AsByte(), factor), ones));
            h = Avx2.Add(h, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(h.AsByte(), factor), ones));
            i = Avx2.Add(i, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(i.AsByte(), factor), ones));
            j = Avx2.Add(j, Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(j.AsByte(), factor), ones));
        }

        return a + b + c + d + e + f + g + h + i + j;
    }

    /// <inheritdoc cref="MultiplyPairs(Vector256{sbyte})"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector512<int> MultiplyPairs512(Vector512<sbyte> factor)
    {
        var (a, b, c, d, e) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        var (f, g, h, i, j) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        var ones = Vector512<short>.One;
        for (var round = 0; round < Rounds; round++)
        {
            a = Avx512F.Add(a, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(a.AsByte(), factor), ones));
            b = Avx512F.Add(b, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(b.AsByte(), factor), ones));
            c = Avx512F.Add(c, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(c.AsByte(), factor), ones));
            d = Avx512F.Add(d, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(d.AsByte(), factor), ones));
            e = Avx512F.Add(e, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(e.AsByte(), factor), ones));
            f = Avx512F.Add(f, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(f.AsByte(), factor), ones));
            g = Avx512F.Add(g, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(g.AsByte(), factor), ones));
            h = Avx512F.Add(h, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(h.AsByte(), factor), ones));
            i = Avx512F.Add(i, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(i.AsByte(), factor), ones));
            j = Avx512F.Add(j, Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(j.AsByte(), factor), ones));
        }

        return a + b + c + d + e + f + g + h + i + j;
    }

    /// <inheritdoc cref="MultiplyPairs(Vector256{sbyte})"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<int> MultiplyFours(Vector256<byte> codes, Vector256<sbyte> factor)
    {
        var (a, b, c, d, e) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        var (f, g, h, i, j) = (factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32(), factor.AsInt32());
        for (var round = 0; round < Rounds; round++)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, codes, factor);
            b = AvxVnni.MultiplyWideningAndAdd(b, codes, factor);
            c = AvxVnni.MultiplyWideningAndAdd(c, codes, factor);
            d = AvxVnni.MultiplyWideningAndAdd(d, codes, factor);
            e = AvxVnni.MultiplyWideningAndAdd(e, codes, factor);
            f = AvxVnni.MultiplyWideningAndAdd(f, codes, factor);
            g = AvxVnni.MultiplyWideningAndAdd(g, codes, factor);
            h = AvxVnni.MultiplyWideningAndAdd(h, codes, factor);
            i = AvxVnni.MultiplyWideningAndAdd(i, codes, factor);
            j = AvxVnni.MultiplyWideningAndAdd(j, codes, factor);
        }

        return a + b + c + d + e + f + g + h + i + j;
    }

    static long End() => Stopwatch.GetTimestamp() + (long)(s_time.TotalSeconds * Stopwatch.Frequency);
}
