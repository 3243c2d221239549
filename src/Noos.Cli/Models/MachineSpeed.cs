using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Noos.Cli.Models;

/// <summary>What all cores of this machine do together, measured in less than a second: the two limits of running a model.</summary>
/// <param name="BytesPerSecond">Reading memory: decoding one token reads all weights.</param>
/// <param name="OperationsPerSecond">Multiplications and additions of 32-bit floats: reading a prompt computes many tokens at each read.</param>
readonly record struct MachineSpeed(double BytesPerSecond, double OperationsPerSecond)
{
    // Together more than any cache holds.
    const long MostProbeBytes = 512L << 20;
    const int PieceBytes = 4 << 20;
    const int Sums = 10;
    const int Rounds = 10_000;

    static readonly TimeSpan s_time = TimeSpan.FromMilliseconds(250);

    public static MachineSpeed Measure()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var bytes = (nuint)Math.Max(PieceBytes, Math.Min(MostProbeBytes, memory / 8) / Environment.ProcessorCount);
        return new MachineSpeed(OnAllCores(() => Read(bytes)), OnAllCores(Multiply));
    }

    static double OnAllCores(Func<double> work)
    {
        var rates = new double[Environment.ProcessorCount];
        var threads = Array.ConvertAll(Enumerable.Range(0, rates.Length).ToArray(), core => new Thread(() => rates[core] = work()));
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return rates.Sum();
    }

    /// <summary>Bytes a second: the median of short pieces, because others may use the machine too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe double Read(nuint bytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        try
        {
            // Written once, so that every page is there.
            NativeMemory.Fill(memory, bytes, 1);
            var rates = new List<double>();
            var total = Vector256<byte>.Zero;
            nuint place = 0;
            for (var end = End(); Stopwatch.GetTimestamp() < end; place = place + (2 * PieceBytes) <= bytes ? place + PieceBytes : 0)
            {
                var start = Stopwatch.GetTimestamp();
                for (var piece = memory + place; piece < memory + place + PieceBytes; piece += 128)
                {
                    total ^= Vector256.Load(piece) ^ Vector256.Load(piece + 32) ^ Vector256.Load(piece + 64) ^ Vector256.Load(piece + 96);
                }

                rates.Add(PieceBytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            rates.Sort();

            // The sum decides nothing, but the compiler must not know.
            return total == Vector256<byte>.AllBitsSet ? 0 : rates[rates.Count / 2];
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Operations a second, a multiplication and an addition counting as two: the best of short pieces.</summary>
    static double Multiply()
    {
        var best = 0.0;
        for (var end = End(); Stopwatch.GetTimestamp() < end;)
        {
            var start = Stopwatch.GetTimestamp();
            var sum = MultiplyAndAdd(Vector256.Create(0.999f));
            var rate = 2.0 * Vector256<float>.Count * Sums * Rounds / Stopwatch.GetElapsedTime(start).TotalSeconds;
            best = sum == Vector256<float>.Zero ? best : Math.Max(best, rate);
        }

        return best;
    }

    /// <summary>As many sums as keep the multipliers busy while each waits for its own last result; nothing else, so that they stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static Vector256<float> MultiplyAndAdd(Vector256<float> factor)
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

    static long End() => Stopwatch.GetTimestamp() + (long)(s_time.TotalSeconds * Stopwatch.Frequency);
}
