namespace Noos.Training.Kernels;

/// <summary>
/// Micro-kernel of a GEMM (Goto and van de Geijn, 2008): a few rows of the left operand times a packed panel of the right one, with all
/// sums in registers. Thread-safe.
/// </summary>
abstract unsafe class TileKernel
{
    /// <summary>Cells along the sum that every operand is padded to, with zeros.</summary>
    public const int ChunkLength = 16;

    /// <summary>
    /// Bytes of the next panel that a tile asks for per chunk. Ten tiles of a block ask for more than a panel has.
    /// </summary>
    public const int PrefetchBytes = 256;

    /// <summary>Name in options and reports.</summary>
    public abstract string Name { get; }

    public virtual Precision Precision => Precision.Fp32;

    /// <summary>Max rows of a tile.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of a panel and a tile.</summary>
    public abstract int Columns { get; }

    /// <summary>Cells per step of <see cref="TileLayout.ByColumn"/>: <see cref="Rows"/> rounded up to whole vectors.</summary>
    public abstract int RowSlots { get; }

    /// <summary>Values of the sum that share a cell: 1, or 2 for bfloat16.</summary>
    public int CellLength => Precision == Precision.Bf16 ? 2 : 1;

    /// <summary>
    /// Whether a tile always has all of its rows: the left operand then lies in <see cref="TileLayout.ByRow"/> with all
    /// <see cref="Rows"/>, and all rows of the output are written.
    /// </summary>
    public virtual bool IsWhole => false;

    /// <summary>Before the first tile of a product, on the thread that computes it.</summary>
    public virtual void Begin()
    {
        // Most kernels need no state of the processor.
    }

    /// <summary>After the last tile of a product, on the same thread.</summary>
    public virtual void End()
    {
        // As above.
    }

    /// <summary>Output[rows, <see cref="Columns"/>] = left · panel, or added to what is there.</summary>
    /// <param name="rows">1 to <see cref="Rows"/>.</param>
    public abstract void Multiply(TileArguments* arguments, TileLayout layout, int rows, bool accumulate);
}
