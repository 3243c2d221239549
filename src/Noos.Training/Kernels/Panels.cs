namespace Noos.Training.Kernels;

/// <summary>
/// The right operand of products, packed for one kind of kernel: [panel][cells of the sum, whole chunks][columns], so that a tile reads it
/// in one sweep. A product may use a leading part of both dimensions.
/// </summary>
unsafe struct Panels
{
    /// <summary>First cell.</summary>
    public uint* Data { get; private set; }

    /// <summary>Cells between panels.</summary>
    public long Stride { get; private set; }

    /// <summary>Cells that the panels of a matrix take.</summary>
    /// <param name="sum">Length of the dimension that products sum over.</param>
    /// <param name="columns">Columns of the product.</param>
    public static long Length(TileKernel kernel, int sum, int columns) =>
        (columns + kernel.Columns - 1) / kernel.Columns * PanelLength(kernel, sum);

    /// <summary>Describes the panels of a matrix at a place of <see cref="Length"/> cells.</summary>
    public static Panels At(uint* place, TileKernel kernel, int sum) =>
        new() { Data = place, Stride = PanelLength(kernel, sum) };

    static long PanelLength(TileKernel kernel, int sum)
    {
        var chunk = TileKernel.ChunkLength * kernel.CellLength;
        return (long)((sum + chunk - 1) / chunk) * TileKernel.ChunkLength * kernel.Columns;
    }
}
