using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Tiles in AVX-512 machine code: float32, and bfloat16 where the processor has <c>vdpbf16ps</c>, for which .NET has no intrinsic.
/// </summary>
sealed unsafe class EmittedTileKernel : TileKernel
{
    static readonly Lazy<EmittedTileKernel?> s_float32 = new(() => Create(Precision.Fp32));
    static readonly Lazy<EmittedTileKernel?> s_bfloat16 = new(() => Create(Precision.Bf16));

    // [layout, accumulate, rows - 1]
    readonly NativeRoutine[] _routines;

    EmittedTileKernel(Precision precision, NativeRoutine[] routines)
    {
        Precision = precision;
        _routines = routines;
    }

    /// <summary>Null where the processor lacks AVX-512, the system refuses executable pages or is not Linux.</summary>
    public static EmittedTileKernel? Float32 => s_float32.Value;

    /// <summary>Null where <see cref="Float32"/> is, and where the processor lacks AVX512_BF16.</summary>
    public static EmittedTileKernel? BFloat16 => s_bfloat16.Value;

    public override string Name => "avx512";

    public override Precision Precision { get; }

    public override int Rows => TileEmitter.MaxRows;

    public override int Columns => TileEmitter.Columns;

    public override int RowSlots => ChunkLength;

    // CPUID leaf 7, subleaf 1: EAX bit 5.
    static bool HasBFloat16 => X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    public override void Multiply(TileArguments* arguments, TileLayout layout, int rows, bool accumulate) =>
        _routines[Index(layout, accumulate, rows)].Run(arguments);

    static int Index(TileLayout layout, bool accumulate, int rows) =>
        (((((int)layout * 2) + (accumulate ? 1 : 0)) * TileEmitter.MaxRows) + rows) - 1;

    static EmittedTileKernel? Create(Precision precision)
    {
        // IsSupported of the JIT includes what the system saves on a context switch, and what users have switched off.
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported || !RuntimeFeature.IsDynamicCodeSupported || !Avx512F.IsSupported
            || (precision == Precision.Bf16 && !HasBFloat16))
        {
            return null;
        }

        var routines = new NativeRoutine[4 * TileEmitter.MaxRows];
        foreach (var layout in Enum.GetValues<TileLayout>())
        {
            foreach (var accumulate in new[] { false, true })
            {
                for (var rows = 1; rows <= TileEmitter.MaxRows; rows++)
                {
                    // A tile takes one or two microseconds, which a garbage collection may wait for.
                    if (ExecutableMemory.Load(TileEmitter.Emit(precision, layout, rows, accumulate), isShort: true) is not { } routine)
                    {
                        return null;
                    }

                    routines[Index(layout, accumulate, rows)] = routine;
                }
            }
        }

        return new EmittedTileKernel(precision, routines);
    }
}
