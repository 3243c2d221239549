using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q2_K: super-block of 256 columns; weight = d * scale * code - dmin * minimum, with two-bit codes and four bits each of scale and minimum
/// per 16 columns (ggml: scales[16], qs[64], d, dmin). Two minima in a block of 32 do not fit the activations' one sum per 32, and the
/// format is rare: it is packed as small as in the file, dequantized to floats and multiplied as such. A panel has per super-block [64
/// groups][32 rows] bytes of four columns' codes, [16][32 rows] bytes with the scale in the low and the minimum in the high nibble, then
/// [32 rows] F16 d and [32 rows] F16 dmin.
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

    // 128 columns of floats fill the scratch: half a super-block.
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
            // In the file each half (128 columns) has 32 bytes; bits 2k, 2k + 1 of byte j are the code of column 32k + j. The panel is all
            // zero at first, so codes can be or-ed in.
            for (var i = 0; i < Block; i++)
            {
                var code = source[FileCodes + (i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2) & 3;
                panel[(i / Group * Panel.Rows) + row] |= (byte)(code << (i % Group * 2));
            }

            for (var i = 0; i < Block / Part; i++)
            {
                // Scale and minimum stay together in one byte, as in the file.
                panel[ScaleBytes + (i * Panel.Rows) + row] = source[i];
            }

            ((ushort*)(panel + SuperScales))[row] = *(ushort*)(source + FileSuperScales);
            ((ushort*)(panel + SuperMinima))[row] = *((ushort*)(source + FileSuperScales) + 1);
            source += FileBlockBytes;
            panel += PanelBlockBytes;
        }
    }

    protected override void MultiplyPanel(
        byte* panel, int columns, in ActivationView input, int tokens, float* output, int outputStride, PanelScratch scratch)
    {
        var weights = (float*)scratch.Unpacked.Codes;
        // columns is a multiple of 256, so chunks of 128 come out even. The dequantized chunk stays in the L1 cache for all tokens.
        for (var first = 0; first < columns; first += ChunkColumns)
        {
            var begin = first % Block;
            StreamPrefetcher.PrefetchAhead(panel + (begin * PanelBlockBytes / Block), ChunkColumns * PanelBlockBytes / Block);
            Dequantize(panel, begin, weights);
            FloatGemm.Multiply(weights, ChunkColumns, input.Values + first, input.Stride, tokens, output, outputStride);
            // Both halves are read from the same packed super-block.
            panel += begin + ChunkColumns == Block ? PanelBlockBytes : 0;
        }
    }

    /// <summary>Dequantizes 128 columns of a super-block to [columns][32 rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Dequantize(byte* panel, int firstColumn, float* weights)
    {
        var superScales = PanelRow.LoadFloat16((ushort*)(panel + SuperScales));
        var superMinima = PanelRow.LoadFloat16((ushort*)(panel + SuperMinima));
        // 16 columns per turn share a scale and a minimum.
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

    /// <summary>16 columns, which share scale and minimum, of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void DequantizePart(byte* codes, byte* scales, Vector256<float> superScales, Vector256<float> superMinima, float* weights)
    {
        // One byte per row: scale in the low nibble, minimum in the high one.
        var both = WidenBytes(scales);
        var scale = Vector256.ConvertToSingle(both & Vector256.Create(15)) * superScales;
        var minimum = Vector256.ConvertToSingle(Vector256.ShiftRightLogical(both, 4)) * superMinima;
        for (var group = 0; group < Part / Group; group++)
        {
            // One byte per row with the codes of four columns.
            var four = WidenBytes(codes);
            for (var column = 0; column < Group; column++)
            {
                ((Vector256.ConvertToSingle(four & Vector256.Create(3)) * scale) - minimum).Store(weights);
                // The next column's code comes down to bits 0 and 1.
                four = Vector256.ShiftRightLogical(four, 2);
                weights += Panel.Rows;
            }

            codes += Panel.Rows;
        }
    }

    /// <summary>Eight unsigned bytes as int32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> WidenBytes(byte* bytes) =>
        Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalarUnsafe(*(long*)bytes).AsByte().ToVector256Unsafe())).AsInt32();
}
