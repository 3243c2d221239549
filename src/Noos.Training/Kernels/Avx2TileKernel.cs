using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Training.Kernels;

/// <summary>
/// Tiles in AVX2: up to 6 rows times 16 columns in 12 of the 16 registers, two for the panel, and one or two for broadcasts.
/// </summary>
sealed unsafe class Avx2TileKernel : TileKernel
{
    const int MaxRows = 6;
    const int PanelColumns = 16;
    const int Slots = 8;

    Avx2TileKernel()
    {
    }

    /// <summary>Null where the processor lacks AVX2 or FMA.</summary>
    public static Avx2TileKernel? Instance { get; } = Avx2.IsSupported && Fma.IsSupported ? new Avx2TileKernel() : null;

    public override string Name => "avx2";

    public override int Rows => MaxRows;

    public override int Columns => PanelColumns;

    public override int RowSlots => Slots;

    [SkipLocalsInit]
    public override void Multiply(TileArguments* arguments, TileLayout layout, int rows, bool accumulate)
    {
        if (rows == MaxRows)
        {
            if (layout == TileLayout.ByRow)
            {
                MultiplyWhole(arguments, ChunkLength, 1, MaxRows * ChunkLength, accumulate);
            }
            else
            {
                MultiplyWhole(arguments, 1, Slots, ChunkLength * Slots, accumulate);
            }
        }
        else
        {
            for (var row = 0; row < rows; row++)
            {
                if (layout == TileLayout.ByRow)
                {
                    MultiplyRow(arguments, row, ChunkLength, 1, rows * ChunkLength, accumulate);
                }
                else
                {
                    MultiplyRow(arguments, row, 1, Slots, ChunkLength * Slots, accumulate);
                }
            }
        }
    }

    /// <param name="rowStep">Cells between rows of the left operand.</param>
    /// <param name="cellStep">Cells between neighbours along the sum, within a chunk.</param>
    /// <param name="chunkStep">Cells between chunks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyWhole(TileArguments* arguments, int rowStep, int cellStep, int chunkStep, bool accumulate)
    {
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default;
        Vector256<float> s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default;
        var chunkStart = (float*)arguments->Left;
        var panel = (float*)arguments->Panel;
        for (var chunk = arguments->Chunks; chunk > 0; chunk--, chunkStart += chunkStep)
        {
            var left = chunkStart;
            for (var cell = 0; cell < ChunkLength; cell++, left += cellStep, panel += PanelColumns)
            {
                var p0 = Vector256.Load(panel);
                var p1 = Vector256.Load(panel + 8);
                var factor = Vector256.Create(left[0]);
                s00 = Fma.MultiplyAdd(factor, p0, s00);
                s01 = Fma.MultiplyAdd(factor, p1, s01);
                factor = Vector256.Create(left[rowStep]);
                s10 = Fma.MultiplyAdd(factor, p0, s10);
                s11 = Fma.MultiplyAdd(factor, p1, s11);
                factor = Vector256.Create(left[2 * rowStep]);
                s20 = Fma.MultiplyAdd(factor, p0, s20);
                s21 = Fma.MultiplyAdd(factor, p1, s21);
                factor = Vector256.Create(left[3 * rowStep]);
                s30 = Fma.MultiplyAdd(factor, p0, s30);
                s31 = Fma.MultiplyAdd(factor, p1, s31);
                factor = Vector256.Create(left[4 * rowStep]);
                s40 = Fma.MultiplyAdd(factor, p0, s40);
                s41 = Fma.MultiplyAdd(factor, p1, s41);
                factor = Vector256.Create(left[5 * rowStep]);
                s50 = Fma.MultiplyAdd(factor, p0, s50);
                s51 = Fma.MultiplyAdd(factor, p1, s51);
            }
        }

        var output = (byte*)arguments->Output;
        var stride = arguments->OutputStride;
        Write((float*)output, s00, s01, accumulate);
        Write((float*)(output + stride), s10, s11, accumulate);
        Write((float*)(output + (2 * stride)), s20, s21, accumulate);
        Write((float*)(output + (3 * stride)), s30, s31, accumulate);
        Write((float*)(output + (4 * stride)), s40, s41, accumulate);
        Write((float*)(output + (5 * stride)), s50, s51, accumulate);
    }

    // The rest of a matrix: at most five rows, so that a slower loop is not felt.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyRow(TileArguments* arguments, int row, int rowStep, int cellStep, int chunkStep, bool accumulate)
    {
        Vector256<float> s0 = default, s1 = default;
        var chunkStart = (float*)arguments->Left + (row * rowStep);
        var panel = (float*)arguments->Panel;
        for (var chunk = arguments->Chunks; chunk > 0; chunk--, chunkStart += chunkStep)
        {
            var left = chunkStart;
            for (var cell = 0; cell < ChunkLength; cell++, left += cellStep, panel += PanelColumns)
            {
                var factor = Vector256.Create(left[0]);
                s0 = Fma.MultiplyAdd(factor, Vector256.Load(panel), s0);
                s1 = Fma.MultiplyAdd(factor, Vector256.Load(panel + 8), s1);
            }
        }

        Write((float*)((byte*)arguments->Output + (row * arguments->OutputStride)), s0, s1, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Write(float* output, Vector256<float> low, Vector256<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector256.Load(output);
            high += Vector256.Load(output + 8);
        }

        low.Store(output);
        high.Store(output + 8);
    }
}
