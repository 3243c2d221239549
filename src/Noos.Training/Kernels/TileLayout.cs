namespace Noos.Training.Kernels;

/// <summary>
/// How the left operand of a tile lies in memory. A cell is 32 bits: a float32, or a pair of bfloat16 that are neighbours along the sum;
/// a chunk is <see cref="TileKernel.ChunkLength"/> cells along the sum.
/// </summary>
enum TileLayout
{
    /// <summary>[chunk, row, 16 cells]: packed from a matrix whose rows run along the sum.</summary>
    ByRow,

    /// <summary>[cell, <see cref="TileKernel.RowSlots"/>]: packed from a matrix whose columns run along the sum.</summary>
    ByColumn,
}
