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

    // Of the eight tiles of AMX two are the operands.
    const int TileSums = 6;

    // A product of tiles takes sixteen cycles, and one of vectors half a cycle or one.
    const int RoundsOfTiles = 8;

    static readonly Lazy<NativeRoutine?> s_single = new(() => Load(Precision.Fp32));
    static readonly Lazy<NativeRoutine?> s_pairs = new(() => Load(Precision.Bf16));

    /// <summary>Operations per second of the calling thread: the best of many short loops.</summary>
    public static double Measure(Precision precision)
    {
        var routine = precision == Precision.Bf16 ? s_pairs.Value : s_single.Value;
        var best = 0.0;
        var tiles = precision == Precision.Bf16 ? MatrixTileKernel.Instance : null;
        tiles?.Begin();
        for (var trial = 0; trial < Trials; trial++)
        {
            var start = Stopwatch.GetTimestamp();
            var operations = routine is null ? MultiplyAddLoop.Run256() : Run(routine, precision);
            best = Math.Max(best, operations / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        tiles?.End();
        return best;
    }

    static long Run(NativeRoutine routine, Precision precision)
    {
        byte unused;
        routine.Run(&unused);
        return (precision, MatrixTileKernel.Instance) switch
        {
            (Precision.Fp32, _) => 2L * Sums * Rounds * 16,
            (_, null) => 2L * Sums * Rounds * 32,
            // 16 rows times 16 columns of pairs.
            _ => 2L * TileSums * (Rounds / RoundsOfTiles) * 16 * 16 * 32,
        };
    }

    static NativeRoutine? Load(Precision precision)
    {
        if (precision == Precision.Bf16 && MatrixTileKernel.Instance is not null)
        {
            return ExecutableMemory.Load(EmitTiles(), isShort: false);
        }

        var kernel = precision == Precision.Bf16 ? EmittedTileKernel.BFloat16 : EmittedTileKernel.Float32;
        return kernel is null ? null : ExecutableMemory.Load(Emit(precision), isShort: false);
    }

    static byte[] EmitTiles()
    {
        var code = new Assembler();
        code.Load(Register.Rcx, Rounds / RoundsOfTiles);
        code.Align(64);
        var top = code.Here;
        for (var sum = 0; sum < TileSums; sum++)
        {
            code.DotTilesBFloat16(sum, TileSums, TileSums + 1);
        }

        code.Loop(Register.Rcx, top);
        code.Return();
        return code.ToArray();
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
