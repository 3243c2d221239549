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
        var cells = (int)arguments->Chunks * ChunkLength;
        for (var row = 0; row < rows; row++)
        {
            var low = Vector128<float>.Zero;
            var high = Vector128<float>.Zero;
            var left = (float*)arguments->Left;
            var panel = (float*)arguments->Panel;
            for (var cell = 0; cell < cells; cell++, panel += PanelColumns)
            {
                var place = layout == TileLayout.ByRow
                    ? (cell / ChunkLength * rows * ChunkLength) + (row * ChunkLength) + (cell % ChunkLength)
                    : (cell * MaxRows) + row;
                var factor = Vector128.Create(left[place]);
                low = Vector128.FusedMultiplyAdd(factor, Vector128.Load(panel), low);
                high = Vector128.FusedMultiplyAdd(factor, Vector128.Load(panel + 4), high);
            }

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
}
