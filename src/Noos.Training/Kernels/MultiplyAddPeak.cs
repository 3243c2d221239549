using System.Diagnostics;
using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Multiply-adds in registers and nothing else, by the widest instruction that the kernels of this machine use: what no matrix product
/// can exceed.
/// </summary>
static unsafe class MultiplyAddPeak
{
    // About a tenth of a millisecond: shorter than the time slice after which a busy system interrupts a thread.
    const int Rounds = 10_000;
    const int Trials = 300;

    // More than latency times ports of any processor, so that none waits for itself.
    const int Sums = 24;

    static readonly Lazy<NativeRoutine?> s_single = new(() => Load(Precision.Fp32));
    static readonly Lazy<NativeRoutine?> s_pairs = new(() => Load(Precision.Bf16));

    /// <summary>Operations per second of the calling thread: the best of many short loops.</summary>
    public static double Measure(Precision precision)
    {
        var routine = precision == Precision.Bf16 ? s_pairs.Value : s_single.Value;
        var best = 0.0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            var operations = routine is null ? MultiplyAddLoop.Run256() : Run(routine, precision);
            best = Math.Max(best, operations / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    static long Run(NativeRoutine routine, Precision precision)
    {
        byte unused;
        routine.Run(&unused);
        return 2L * Sums * Rounds * (precision == Precision.Bf16 ? 32 : 16);
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
}
