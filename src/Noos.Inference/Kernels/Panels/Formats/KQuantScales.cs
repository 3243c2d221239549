using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Emitted;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// What Q4_K and Q5_K have beside their codes: for each of eight blocks a six-bit scale and minimum, and for all of them one
/// half-precision factor each. A panel has [8 blocks][32 rows] scales and minima in bytes, then the factors.
/// </summary>
static unsafe class KQuantScales
{
    public const int Blocks = 8;

    const int Minima = Blocks * Panel.Rows;
    const int ScaleFactors = 2 * Minima;
    const int MinimumFactors = ScaleFactors + (Panel.Rows * sizeof(ushort));

    public const int ByteCount = MinimumFactors + (Panel.Rows * sizeof(ushort));

    /// <param name="block">A block of the file: two factors, then 12 bytes of six-bit numbers.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* block, int row, byte* packed)
    {
        ((ushort*)(packed + ScaleFactors))[row] = *(ushort*)block;
        ((ushort*)(packed + MinimumFactors))[row] = *((ushort*)block + 1);
        var bits = block + (2 * sizeof(ushort));
        for (var i = 0; i < Blocks; i++)
        {
            // The last four pairs have their upper bits above those of the first four.
            var scale = i < 4 ? bits[i] & 63 : (bits[i + 4] & 15) | (bits[i - 4] >> 6 << 4);
            var minimum = i < 4 ? bits[i + 4] & 63 : (bits[i + 4] >> 4) | (bits[i] >> 6 << 4);
            packed[(i * Panel.Rows) + row] = (byte)scale;
            packed[Minima + (i * Panel.Rows) + row] = (byte)minimum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* packed, ExpandedPanel expanded)
    {
        var factors = stackalloc float[2 * Panel.Rows];
        LoadFactors(packed, factors);
        for (var block = 0; block < Blocks; block++)
        {
            PanelRow.Store(ScalesOf(packed, block, factors), expanded.Scales + (block * Panel.Rows));
            PanelRow.Store(MinimaOf(packed, block, factors), expanded.Minima + (block * Panel.Rows));
        }
    }

    /// <summary>The factors of scales and minima; minima are stored as what is to be subtracted.</summary>
    /// <param name="factors">[2][32 rows]</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadFactors(byte* packed, float* factors)
    {
        PanelRow.Store(PanelRow.Halves((ushort*)(packed + ScaleFactors)), factors);
        PanelRow.Store(PanelRow.Negate(PanelRow.Halves((ushort*)(packed + MinimumFactors))), factors + Panel.Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> ScalesOf(byte* packed, int block, float* factors) => PanelRow.Products(packed + (block * Panel.Rows), factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> MinimaOf(byte* packed, int block, float* factors) => PanelRow.Products(packed + Minima + (block * Panel.Rows), factors + Panel.Rows);

    /// <summary>Writes the code that loads the scales and minima of one of the blocks; those are to be subtracted.</summary>
    /// <param name="place">Where they lie in the panel.</param>
    public static void Emit(DirectEmitter emitter, int place, int block)
    {
        if (block == 0)
        {
            emitter.LoadScaleFactors(place + ScaleFactors);
            emitter.LoadMinimumFactors(place + MinimumFactors);
        }

        emitter.LoadByteScales(place + (block * Panel.Rows));
        emitter.LoadByteMinima(place + Minima + (block * Panel.Rows));
    }
}
