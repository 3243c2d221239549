using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Training.Kernels;

/// <summary>Packs right operands into <see cref="Panels"/>. Not thread-safe.</summary>
sealed unsafe class PanelPacker(TileKernel kernel) : IDisposable
{
    readonly CellBuffer _rows = new();

    /// <summary>Packs Bᵀ of B [columns, sum]: the weights of a forward product.</summary>
    /// <param name="stride">Values between rows of B.</param>
    public void PackTransposed(float* matrix, int stride, int columns, int sum, Panels panels)
    {
        var width = kernel.Columns;
        var cells = (sum + kernel.CellLength - 1) / kernel.CellLength;
        var padded = (cells + TileKernel.ChunkLength - 1) / TileKernel.ChunkLength * TileKernel.ChunkLength;
        var scratch = _rows.Require((long)width * padded);
        for (var first = 0; first < columns; first += width)
        {
            var panel = panels.Data + (first / width * panels.Stride);
            var count = Math.Min(width, columns - first);
            for (var row = 0; row < width; row++)
            {
                var target = scratch + ((long)row * padded);
                if (row < count)
                {
                    CellRows.Copy(kernel.Precision, matrix + ((long)(first + row) * stride), target, sum, padded);
                }
                else
                {
                    new Span<uint>(target, padded).Clear();
                }
            }

            for (var cell = 0; cell < padded; cell += 8)
            {
                for (var row = 0; row < width; row += 8)
                {
                    Transpose(scratch + ((long)row * padded) + cell, padded, panel + ((long)cell * width) + row, width);
                }
            }
        }
    }

    /// <summary>Packs B [sum, columns] as it is: the weights of a product that leads a gradient back, or activations.</summary>
    /// <param name="stride">Values between rows of B.</param>
    public void Pack(float* matrix, int stride, int columns, int sum, Panels panels)
    {
        var width = kernel.Columns;
        var cellLength = kernel.CellLength;
        var cells = (sum + cellLength - 1) / cellLength;
        var padded = (cells + TileKernel.ChunkLength - 1) / TileKernel.ChunkLength * TileKernel.ChunkLength;

        // Rows outside, panels inside: the source is read in order, whatever its stride.
        for (var cell = 0; cell < cells; cell++)
        {
            var row = matrix + ((long)cell * cellLength * stride);
            for (var first = 0; first < columns; first += width)
            {
                var target = panels.Data + (first / width * panels.Stride) + ((long)cell * width);
                var count = Math.Min(width, columns - first);
                if (cellLength == 1)
                {
                    CellRows.CopyFloats(row + first, target, count, width);
                }
                else
                {
                    var second = (cell * 2) + 1 < sum ? row + stride + first : null;
                    CellRows.InterleavePairs(row + first, second, target, count, width);
                }
            }
        }

        for (var first = 0; first < columns; first += width)
        {
            new Span<uint>(panels.Data + (first / width * panels.Stride) + ((long)cells * width), (padded - cells) * width).Clear();
        }
    }

    public void Dispose() => _rows.Dispose();

    // 8 · 8 cells, by pairs, fours and halves of 256-bit vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(uint* source, long sourceStride, uint* target, long targetStride)
    {
        if (!Avx.IsSupported)
        {
            for (var row = 0; row < 8; row++)
            {
                for (var column = 0; column < 8; column++)
                {
                    target[(column * targetStride) + row] = source[(row * sourceStride) + column];
                }
            }

            return;
        }

        var r0 = Load(0);
        var r1 = Load(1);
        var r2 = Load(2);
        var r3 = Load(3);
        var r4 = Load(4);
        var r5 = Load(5);
        var r6 = Load(6);
        var r7 = Load(7);
        var (a0, a1) = Unpack(r0, r1);
        var (a2, a3) = Unpack(r2, r3);
        var (a4, a5) = Unpack(r4, r5);
        var (a6, a7) = Unpack(r6, r7);
        var (b0, b1) = UnpackPairs(a0, a2);
        var (b2, b3) = UnpackPairs(a1, a3);
        var (b4, b5) = UnpackPairs(a4, a6);
        var (b6, b7) = UnpackPairs(a5, a7);
        Store(0, b0, b4);
        Store(1, b1, b5);
        Store(2, b2, b6);
        Store(3, b3, b7);

        Vector256<float> Load(int row) => Vector256.Load((float*)source + (row * sourceStride));

        // The lower 128-bit halves hold columns 0 .. 3, the upper ones 4 .. 7.
        void Store(int column, Vector256<float> upperRows, Vector256<float> lowerRows)
        {
            Vector256.Create(upperRows.GetLower(), lowerRows.GetLower()).Store((float*)target + (column * targetStride));
            Vector256.Create(upperRows.GetUpper(), lowerRows.GetUpper()).Store((float*)target + ((column + 4) * targetStride));
        }
    }

    static (Vector256<float> Low, Vector256<float> High) Unpack(Vector256<float> a, Vector256<float> b) =>
        (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));

    static (Vector256<float> Low, Vector256<float> High) UnpackPairs(Vector256<float> a, Vector256<float> b)
    {
        var low = Avx.UnpackLow(a.AsDouble(), b.AsDouble());
        var high = Avx.UnpackHigh(a.AsDouble(), b.AsDouble());
        return (low.AsSingle(), high.AsSingle());
    }
}
