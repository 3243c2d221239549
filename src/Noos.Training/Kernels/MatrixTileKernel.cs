using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Noos.MachineCode;

namespace Noos.Training.Kernels;

/// <summary>
/// Tiles of bfloat16 by AMX, for which .NET has no intrinsics: 1,024 operations a cycle, eight times what two ports of AVX-512 do in
/// float32, and on the same processors sixteen times <c>vdpbf16ps</c>.
/// </summary>
sealed unsafe class MatrixTileKernel : TileKernel
{
    static readonly Lazy<MatrixTileKernel?> s_instance = new(Create);

    readonly NativeRoutine _configure;
    readonly NativeRoutine _release;
    readonly NativeRoutine _write;
    readonly NativeRoutine _add;
    readonly void* _shapes;

    MatrixTileKernel(NativeRoutine configure, NativeRoutine release, NativeRoutine write, NativeRoutine add)
    {
        (_configure, _release, _write, _add) = (configure, release, write, add);
        var shapes = MatrixTileEmitter.Shapes();
        // As long as the program runs, like the code.
        _shapes = NativeMemory.AlignedAlloc((nuint)shapes.Length, (nuint)shapes.Length);
        shapes.CopyTo(new Span<byte>(_shapes, shapes.Length));
    }

    /// <summary>Null where processor or system have no tiles, or the system refuses executable pages.</summary>
    public static MatrixTileKernel? Instance => s_instance.Value;

    public override string Name => "amx";

    public override Precision Precision => Precision.Bf16;

    public override int Rows => MatrixTileEmitter.Rows;

    public override int Columns => MatrixTileEmitter.Columns;

    public override int RowSlots => MatrixTileEmitter.Rows;

    public override bool IsWhole => true;

    public override void Begin() => _configure.Run(_shapes);

    public override void End() => _release.Run(null);

    public override void Multiply(TileArguments* arguments, TileLayout layout, int rows, bool accumulate) =>
        (accumulate ? _add : _write).Run(arguments);

    static MatrixTileKernel? Create()
    {
        // Packing is written in AVX-512.
        if (!Avx512BW.IsSupported || !TileAccess.IsGranted
            || Load(MatrixTileEmitter.EmitConfigure()) is not { } configure || Load(MatrixTileEmitter.EmitRelease()) is not { } release
            || Load(MatrixTileEmitter.Emit(accumulate: false)) is not { } write
            || Load(MatrixTileEmitter.Emit(accumulate: true)) is not { } add)
        {
            return null;
        }

        return new MatrixTileKernel(configure, release, write, add);
    }

    // A tile takes half a microsecond, which a garbage collection may wait for.
    static NativeRoutine? Load(byte[] code) => ExecutableMemory.Load(code, isShort: true);
}
