namespace Noos.Training.Kernels;

/// <summary>
/// Matrix products on row-major float memory by tiles: blocks of the left operand are packed into the second-level cache, panels of the
/// right one pass by. Not thread-safe; each worker has its own. The order of all sums depends on the shapes alone.
/// </summary>
sealed unsafe class Gemm(TileKernel kernel) : IDisposable
{
    // Left block: 10 tiles of 14 rows and 256 cells are 140 KB, which leaves the rest of the second-level cache to panels.
    const int TilesPerBlock = 10;
    const int MaxCells = 256;

    readonly CellBuffer _left = new();
    readonly CellBuffer _edge = new();

    public TileKernel Kernel { get; } = kernel;

    /// <summary>C[rows, columns] = A · B, or added to C.</summary>
    /// <param name="left">A: [rows, sum] for <see cref="TileLayout.ByRow"/>, its transpose [sum, rows] for ByColumn.</param>
    /// <param name="leftStride">Values between rows of <paramref name="left"/>.</param>
    /// <param name="right">B, which may be longer in both directions.</param>
    /// <param name="rightStart">First value of the sum in B; a whole number of chunks.</param>
    /// <param name="outputStride">Values between rows of C.</param>
    public void Multiply(
        TileLayout layout, float* left, int leftStride, Panels right, int rightStart, int rows, int columns, int sum, float* output,
        int outputStride, bool accumulate)
    {
        var cellLength = Kernel.CellLength;
        var chunkValues = TileKernel.ChunkLength * cellLength;

        // Equal parts: a short rest would pay for its own pass over the output.
        var parts = (sum + (MaxCells * cellLength) - 1) / (MaxCells * cellLength);
        var part = (((sum + parts - 1) / parts) + chunkValues - 1) / chunkValues * chunkValues;
        var block = TilesPerBlock * Kernel.Rows;
        var cells = _left.Require((long)TilesPerBlock * MaxCells * Math.Max(Kernel.Rows, Kernel.RowSlots));
        Kernel.Begin();
        for (var start = 0; start < sum; start += part)
        {
            var length = Math.Min(part, sum - start);
            var chunks = (length + chunkValues - 1) / chunkValues;
            var panels = right.Data + ((long)(rightStart + start) / cellLength * Kernel.Columns);
            for (var row = 0; row < rows; row += block)
            {
                var count = Math.Min(block, rows - row);
                if (layout == TileLayout.ByRow)
                {
                    PackRows(left + ((long)row * leftStride) + start, leftStride, count, length, chunks, cells);
                }
                else if (Kernel.IsWhole)
                {
                    PackTransposed(left + ((long)start * leftStride) + row, leftStride, count, length, chunks, cells);
                }
                else
                {
                    PackColumns(left + ((long)start * leftStride) + row, leftStride, count, length, chunks, cells);
                }

                MultiplyBlock(
                    layout, cells, count, chunks, panels, right.Stride, columns, output + ((long)row * outputStride), outputStride,
                    accumulate || start > 0);
            }
        }

        Kernel.End();
    }

    public void Dispose()
    {
        _left.Dispose();
        _edge.Dispose();
    }

    void MultiplyBlock(
        TileLayout layout, uint* cells, int rows, int chunks, uint* panels, long panelStride, int columns, float* output,
        int outputStride, bool accumulate)
    {
        var width = Kernel.Columns;
        var tileRows = Kernel.Rows;
        var isWhole = Kernel.IsWhole;
        var tileLength = TileLength(layout, tileRows, chunks);
        TileArguments arguments;
        arguments.Chunks = chunks;
        arguments.OutputStride = (nint)outputStride * sizeof(float);
        for (var column = 0; column < columns; column += width, panels += panelStride)
        {
            arguments.Panel = panels;
            arguments.Prefetch = (byte*)(panels + panelStride);
            var left = cells;
            for (var row = 0; row < rows; row += tileRows)
            {
                var count = Math.Min(tileRows, rows - row);
                arguments.Left = left;
                arguments.Output = output + ((long)row * outputStride) + column;
                if (column + width <= columns && (count == tileRows || !isWhole))
                {
                    Kernel.Multiply(&arguments, layout, count, accumulate);
                }
                else
                {
                    MultiplyEdge(&arguments, layout, count, Math.Min(width, columns - column), accumulate);
                }

                left += tileLength;
                arguments.Prefetch += chunks * TileKernel.PrefetchBytes;
            }
        }
    }

    // The tile is larger than the output: it goes to scratch memory, and its first columns from there.
    void MultiplyEdge(TileArguments* arguments, TileLayout layout, int rows, int columns, bool accumulate)
    {
        var output = arguments->Output;
        var stride = arguments->OutputStride;
        var edge = (float*)_edge.Require((long)Kernel.Rows * Kernel.Columns);
        arguments->Output = edge;
        arguments->OutputStride = Kernel.Columns * sizeof(float);
        Kernel.Multiply(arguments, layout, rows, accumulate: false);
        for (var row = 0; row < rows; row++, output = (float*)((byte*)output + stride), edge += Kernel.Columns)
        {
            for (var column = 0; column < columns; column++)
            {
                output[column] = accumulate ? output[column] + edge[column] : edge[column];
            }
        }

        arguments->OutputStride = stride;
    }

    // [tile][chunk][row][16 cells]
    void PackRows(float* left, int stride, int rows, int length, int chunks, uint* cells)
    {
        for (var first = 0; first < rows; first += Kernel.Rows)
        {
            var count = Math.Min(Kernel.Rows, rows - first);
            for (var row = 0; row < count; row++)
            {
                CellRows.CopyChunks(
                    Kernel.Precision, left + ((long)(first + row) * stride), cells + (row * TileKernel.ChunkLength), length,
                    (Kernel.IsWhole ? Kernel.Rows : count) * TileKernel.ChunkLength);
            }

            cells += TileLength(TileLayout.ByRow, count, chunks);
        }
    }

    // [tile][chunk][row slot][16 cells] of pairs, from a matrix whose columns run along the sum. What is in slots behind the last row does
    // not matter: each row of a tile is multiplied alone.
    void PackTransposed(float* left, int stride, int rows, int length, int chunks, uint* cells)
    {
        const int Side = TileKernel.ChunkLength;
        var tileLength = TileLength(TileLayout.ByRow, Kernel.Rows, chunks);

        // Chunks outside, tiles inside: the source is read in order, whatever its stride.
        for (var chunk = 0; chunk < chunks; chunk++, left += (long)Side * 2 * stride, length -= Side * 2, cells += Kernel.Rows * Side)
        {
            for (var first = 0; first < rows; first += Side)
            {
                var target = cells + (first / Kernel.Rows * tileLength) + (first % Kernel.Rows * Side);
                CellRows.TransposePairs(left + first, stride, Math.Min(Side, rows - first), Math.Min(Side * 2, length), target);
            }
        }
    }

    // [tile][cell][row slot]
    void PackColumns(float* left, int stride, int rows, int length, int chunks, uint* cells)
    {
        var tileLength = TileLength(TileLayout.ByColumn, Kernel.Rows, chunks);
        var slots = Kernel.RowSlots;
        var tileRows = Kernel.Rows;
        var cellLength = Kernel.CellLength;
        for (var value = 0; value < length; value += cellLength)
        {
            var source = left + ((long)value * stride);
            var next = value + 1 < length ? source + stride : null;
            var target = cells + (value / cellLength * slots);
            var first = 0;
            if (slots == 16 && (next != null || cellLength == 1))
            {
                // Whole slots where there are any: what lies behind the tile's rows is not read.
                for (; first + 16 <= rows; first += tileRows, target += tileLength)
                {
                    if (cellLength == 1)
                    {
                        CellRows.CopySixteen(source + first, target);
                    }
                    else
                    {
                        CellRows.InterleaveSixteen(source + first, next + first, target);
                    }
                }
            }

            for (; first < rows; first += tileRows, target += tileLength)
            {
                var count = Math.Min(slots, rows - first);
                if (cellLength == 1)
                {
                    CellRows.CopyFloats(source + first, target, count, count);
                }
                else
                {
                    CellRows.InterleavePairs(source + first, next == null ? null : next + first, target, count, count);
                }
            }
        }

        // Zeros to the end of the last chunk; every tile's.
        var packed = (length + cellLength - 1) / cellLength * slots;
        for (var first = 0; first < rows; first += tileRows, cells += tileLength)
        {
            new Span<uint>(cells + packed, (int)tileLength - packed).Clear();
        }
    }

    long TileLength(TileLayout layout, int rows, int chunks) =>
        (long)chunks * TileKernel.ChunkLength * (layout == TileLayout.ByRow && !Kernel.IsWhole ? rows : Kernel.RowSlots);
}
