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
    const int ScaleFactors = ScaleBytes + (Block / Part * Panel.Rows);
    const int MinimumFactors = ScaleFactors + (Panel.Rows * sizeof(ushort));
    const int PanelBlockBytes = MinimumFactors + (Panel.Rows * sizeof(ushort));

    const int FileCodes = 16;
    const int FileFactors = FileCodes + 64;
    const int FileBlockBytes = FileFactors + (2 * sizeof(ushort));

    const int ExpandedColumns = PanelScratch.CodeBytes / (Panel.Rows * sizeof(float));

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

            ((ushort*)(panel + ScaleFactors))[row] = *(ushort*)(source + FileFactors);
            ((ushort*)(panel + MinimumFactors))[row] = *((ushort*)(source + FileFactors) + 1);
            source += FileBlockBytes;
            panel += PanelBlockBytes;
        }
    }

    protected override void MultiplyPanel(byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var weights = (float*)scratch.Expanded.Codes;
        for (var first = 0; first < columns; first += ExpandedColumns)
        {
            var begin = first % Block;
            Prefetch.ColumnPrefetcher(panel + (begin * PanelBlockBytes / Block), ExpandedColumns * PanelBlockBytes / Block);
            Expand(panel, begin, weights);
            FloatProduct.Multiply(weights, ExpandedColumns, input.Values + first, input.Stride, tokens, output, outputStride);
            panel += begin + ExpandedColumns == Block ? PanelBlockBytes : 0;
        }
    }

    /// <summary>Makes floats of some columns of a block, [columns][32 rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Expand(byte* panel, int firstColumn, float* weights)
    {
        var scaleFactors = PanelRow.Halves((ushort*)(panel + ScaleFactors));
        var minimumFactors = PanelRow.Halves((ushort*)(panel + MinimumFactors));
        for (var column = firstColumn; column < firstColumn + ExpandedColumns; column += Part)
        {
            var codes = panel + (column / Group * Panel.Rows);
            var scales = panel + ScaleBytes + (column / Part * Panel.Rows);
            ExpandPart(codes, scales, scaleFactors.A, minimumFactors.A, weights);
            ExpandPart(codes + 8, scales + 8, scaleFactors.B, minimumFactors.B, weights + 8);
            ExpandPart(codes + 16, scales + 16, scaleFactors.C, minimumFactors.C, weights + 16);
            ExpandPart(codes + 24, scales + 24, scaleFactors.D, minimumFactors.D, weights + 24);
            weights += Part * Panel.Rows;
        }
    }

    /// <summary>16 columns of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ExpandPart(byte* codes, byte* scales, Vector256<float> scaleFactors, Vector256<float> minimumFactors, float* weights)
    {
        var both = Integers(scales);
        var scale = Vector256.ConvertToSingle(both & Vector256.Create(15)) * scaleFactors;
        var minimum = Vector256.ConvertToSingle(Vector256.ShiftRightLogical(both, 4)) * minimumFactors;
        for (var group = 0; group < Part / Group; group++)
        {
            var four = Integers(codes);
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
    static Vector256<int> Integers(byte* bytes) =>
        Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalarUnsafe(*(long*)bytes).AsByte().ToVector256Unsafe())).AsInt32();
}
