using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q2_K: weight = scale * code - minimum, with two-bit codes and four bits each of scale and minimum for every 16 columns. Two minima in a block
/// of 32 suit no product of integers, and the format is rare: it is packed as small as in the file, expanded to floats and multiplied as
/// such. A panel has for each 256 columns [64 groups][32 rows] bytes of four columns' codes, [16][32 rows] bytes with the scale in the low and the
/// minimum in the high half, then the half-precision factors of scales and of minima.
/// </summary>
sealed unsafe class Q2_KPanelKernel : PanelKernel
{
    const int Block = 256;
    const int Group = 4;
    const int Part = 16;
    const int ScaleBytes = Block / Group * Panel.Rows;
    const int SuperScales = ScaleBytes + (Block / Part * Panel.Rows);
    const int SuperMinima = SuperScales + (Panel.Rows * sizeof(ushort));
    const int PanelBlockBytes = SuperMinima + (Panel.Rows * sizeof(ushort));

    const int FileCodes = 16;
    const int FileSuperScales = FileCodes + 64;
    const int FileBlockBytes = FileSuperScales + (2 * sizeof(ushort));

    const int ChunkColumns = PanelScratch.CodeBytes / (Panel.Rows * sizeof(float));

    public override string Name => "Q2_K as F32";

    public override KernelTier Tier => KernelTier.Portable;

    public override bool IsSupported => true;

    public override bool QuantizesActivations => false;

    public override int BlockLength => Block;

    public override long PanelBytes(int columns) => columns / Block * (long)PanelBlockBytes;

    public override void PackRow(byte* source, int row, int columns, byte* panel)
    {
        for (var column = 0; column < columns; column += Block)
        {
            // Each half has 32 bytes, of which two bits each belong to a column, to that 32 further, and so on.
            for (var i = 0; i < Block; i++)
            {
                var code = source[FileCodes + (i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2) & 3;
                panel[(i / Group * Panel.Rows) + row] |= (byte)(code << (i % Group * 2));
            }

            for (var i = 0; i < Block / Part; i++)
            {
                panel[ScaleBytes + (i * Panel.Rows) + row] = source[i];
            }

            ((ushort*)(panel + SuperScales))[row] = *(ushort*)(source + FileSuperScales);
            ((ushort*)(panel + SuperMinima))[row] = *((ushort*)(source + FileSuperScales) + 1);
            source += FileBlockBytes;
            panel += PanelBlockBytes;
        }
    }

    protected override void MultiplyPanel(byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var weights = (float*)scratch.Unpacked.Codes;
        for (var first = 0; first < columns; first += ChunkColumns)
        {
            var begin = first % Block;
            StreamPrefetcher.PrefetchAhead(panel + (begin * PanelBlockBytes / Block), ChunkColumns * PanelBlockBytes / Block);
            Dequantize(panel, begin, weights);
            FloatGemm.Multiply(weights, ChunkColumns, input.Values + first, input.Stride, tokens, output, outputStride);
            panel += begin + ChunkColumns == Block ? PanelBlockBytes : 0;
        }
    }

    /// <summary>Makes floats of some columns of a block, [columns][32 rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Dequantize(byte* panel, int firstColumn, float* weights)
    {
        var superScales = PanelRow.LoadFloat16((ushort*)(panel + SuperScales));
        var superMinima = PanelRow.LoadFloat16((ushort*)(panel + SuperMinima));
        for (var column = firstColumn; column < firstColumn + ChunkColumns; column += Part)
        {
            var codes = panel + (column / Group * Panel.Rows);
            var scales = panel + ScaleBytes + (column / Part * Panel.Rows);
            DequantizePart(codes, scales, superScales.A, superMinima.A, weights);
            DequantizePart(codes + 8, scales + 8, superScales.B, superMinima.B, weights + 8);
            DequantizePart(codes + 16, scales + 16, superScales.C, superMinima.C, weights + 16);
            DequantizePart(codes + 24, scales + 24, superScales.D, superMinima.D, weights + 24);
            weights += Part * Panel.Rows;
        }
    }

    /// <summary>16 columns of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void DequantizePart(byte* codes, byte* scales, Vector256<float> superScales, Vector256<float> superMinima, float* weights)
    {
        var both = WidenBytes(scales);
        var scale = Vector256.ConvertToSingle(both & Vector256.Create(15)) * superScales;
        var minimum = Vector256.ConvertToSingle(Vector256.ShiftRightLogical(both, 4)) * superMinima;
        for (var group = 0; group < Part / Group; group++)
        {
            var four = WidenBytes(codes);
            for (var column = 0; column < Group; column++)
            {
                ((Vector256.ConvertToSingle(four & Vector256.Create(3)) * scale) - minimum).Store(weights);
                four = Vector256.ShiftRightLogical(four, 2);
                weights += Panel.Rows;
            }

            codes += Panel.Rows;
        }
    }

    /// <summary>Eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> WidenBytes(byte* bytes) =>
        Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalarUnsafe(*(long*)bytes).AsByte().ToVector256Unsafe())).AsInt32();
}
