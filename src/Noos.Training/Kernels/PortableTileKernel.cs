using System.Runtime.Intrinsics;

namespace Noos.Training.Kernels;

/// <summary>Tiles without instructions of any one processor: the fallback, in vectors of 128 bits.</summary>
sealed unsafe class PortableTileKernel : TileKernel
{
    const int MaxRows = 4;
    const int PanelColumns = 8;

    public static PortableTileKernel Instance { get; } = new();

    public override string Name => "portable";

    public override int Rows => MaxRows;

    public override int Columns => PanelColumns;

    public override int RowSlots => MaxRows;

    public override void Multiply(TileArguments* arguments, TileLayout layout, int rows, bool accumulate)
    {
        if (rows == MaxRows)
        {
            MultiplyWhole(arguments, layout, accumulate);
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            var low = Vector128<float>.Zero;
            var high = Vector128<float>.Zero;
            var panel = (float*)arguments->Panel;
            for (var chunk = 0; chunk < arguments->Chunks; chunk++)
            {
                var (place, rowStep, cellStep) = Place(arguments, layout, rows, chunk);
                var left = (float*)place + (row * rowStep);
                for (var cell = 0; cell < ChunkLength; cell++, left += cellStep, panel += PanelColumns)
                {
                    var factor = Vector128.Create(*left);
                    low = Vector128.FusedMultiplyAdd(factor, Vector128.Load(panel), low);
                    high = Vector128.FusedMultiplyAdd(factor, Vector128.Load(panel + 4), high);
                }
            }

            Write(arguments, row, low, high, accumulate);
        }
    }

    // Eight sums, so that none waits for itself.
    static void MultiplyWhole(TileArguments* arguments, TileLayout layout, bool accumulate)
    {
        Vector128<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector128<float> s20 = default, s21 = default, s30 = default, s31 = default;
        var panel = (float*)arguments->Panel;
        for (var chunk = 0; chunk < arguments->Chunks; chunk++)
        {
            var (place, rowStep, cellStep) = Place(arguments, layout, MaxRows, chunk);
            var left = (float*)place;
            for (var cell = 0; cell < ChunkLength; cell++, left += cellStep, panel += PanelColumns)
            {
                var low = Vector128.Load(panel);
                var high = Vector128.Load(panel + 4);
                var factor = Vector128.Create(left[0]);
                s00 = Vector128.FusedMultiplyAdd(factor, low, s00);
                s01 = Vector128.FusedMultiplyAdd(factor, high, s01);
                factor = Vector128.Create(left[rowStep]);
                s10 = Vector128.FusedMultiplyAdd(factor, low, s10);
                s11 = Vector128.FusedMultiplyAdd(factor, high, s11);
                factor = Vector128.Create(left[2 * rowStep]);
                s20 = Vector128.FusedMultiplyAdd(factor, low, s20);
                s21 = Vector128.FusedMultiplyAdd(factor, high, s21);
                factor = Vector128.Create(left[3 * rowStep]);
                s30 = Vector128.FusedMultiplyAdd(factor, low, s30);
                s31 = Vector128.FusedMultiplyAdd(factor, high, s31);
            }
        }

        Write(arguments, 0, s00, s01, accumulate);
        Write(arguments, 1, s10, s11, accumulate);
        Write(arguments, 2, s20, s21, accumulate);
        Write(arguments, 3, s30, s31, accumulate);
    }

    /// <summary>First cell of a chunk of the left operand, and the steps to the next row and the next cell.</summary>
    static (nint Left, int RowStep, int CellStep) Place(TileArguments* arguments, TileLayout layout, int rows, int chunk) =>
        layout == TileLayout.ByRow
            ? ((nint)(arguments->Left + (chunk * rows * ChunkLength)), ChunkLength, 1)
            : ((nint)(arguments->Left + (chunk * MaxRows * ChunkLength)), 1, MaxRows);

    static void Write(TileArguments* arguments, int row, Vector128<float> low, Vector128<float> high, bool accumulate)
    {
        var output = (float*)((byte*)arguments->Output + (row * arguments->OutputStride));
        if (accumulate)
        {
            low += Vector128.Load(output);
            high += Vector128.Load(output + 4);
        }

        low.Store(output);
        high.Store(output + 4);
    }
}
