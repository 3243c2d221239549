using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Multiply-adds in registers and nothing else, by the widest instruction that the kernels of this machine use: what no matrix product
/// can exceed.
/// </summary>
static unsafe class MultiplyAddLoop
{
    // About a tenth of a millisecond: shorter than the time slice after which a busy system interrupts a thread.
    const int Rounds = 10_000;
    const int Trials = 300;

    // More than latency times ports of any processor, so that none waits for itself.
    const int Sums = 24;

    // Ten sums keep two ports of AVX2 busy at a latency of four or five cycles, and fit its sixteen registers.
    const int PortableSums = 10;

    static readonly Lazy<NativeRoutine?> s_single = new(() => Load(Precision.Fp32));
    static readonly Lazy<NativeRoutine?> s_pairs = new(() => Load(Precision.Bf16));

    static Vector256<float> s_kept;

    /// <summary>Operations per second of the calling thread: the best of many short loops.</summary>
    public static double Measure(Precision precision)
    {
        var routine = precision == Precision.Bf16 ? s_pairs.Value : s_single.Value;
        var perRound = routine is null
            ? 2.0 * PortableSums * Vector256<float>.Count
            : 2.0 * Sums * (precision == Precision.Bf16 ? 32 : 16);
        var best = double.MaxValue;
        for (var trial = 0; trial < Trials; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            if (routine is null)
            {
                // Kept, so that the compiler cannot leave the loop out.
                s_kept = RunPortable();
            }
            else
            {
                byte unused;
                routine.Run(&unused);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return perRound * Rounds / best;
    }

    static NativeRoutine? Load(Precision precision)
    {
        var kernel = precision == Precision.Bf16 ? EmittedTileKernel.BFloat16 : EmittedTileKernel.Float32;
        return kernel is null ? null : ExecutableMemory.Load(Emit(precision), isShort: false);
    }

    static byte[] Emit(Precision precision)
    {
        const int Left = 30;
        const int Right = 31;
        var code = new Assembler();
        for (var register = 0; register < 32; register++)
        {
            code.Xor(register, register, register);
        }

        code.Load(Register.Rcx, Rounds);
        code.Align(64);
        var top = code.Here;
        for (var sum = 0; sum < Sums; sum++)
        {
            if (precision == Precision.Bf16)
            {
                code.DotBFloat16(sum, Left, Right);
            }
            else
            {
                code.MultiplyAdd(sum, Left, Right);
            }
        }

        code.Loop(Register.Rcx, top);
        code.Return();
        return code.ToArray();
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static Vector256<float> RunPortable()
    {
        var x = Vector256.Create(0.5f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        for (var round = 0; round < Rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
            i = Vector256.FusedMultiplyAdd(i, x, x);
            j = Vector256.FusedMultiplyAdd(j, x, x);
        }

        return a + b + c + d + e + f + g + h + i + j;
    }
}
