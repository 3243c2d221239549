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
    const int SuperScales = 2 * Minima;
    const int SuperMinima = SuperScales + (Panel.Rows * sizeof(ushort));

    public const int ByteCount = SuperMinima + (Panel.Rows * sizeof(ushort));

    /// <param name="block">A block of the file: two factors, then 12 bytes of six-bit numbers.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* block, int row, byte* packed)
    {
        ((ushort*)(packed + SuperScales))[row] = *(ushort*)block;
        ((ushort*)(packed + SuperMinima))[row] = *((ushort*)block + 1);
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
    public static void Unpack(byte* packed, UnpackedPanel unpacked)
    {
        var superScales = stackalloc float[2 * Panel.Rows];
        LoadSuperScales(packed, superScales);
        for (var block = 0; block < Blocks; block++)
        {
            PanelRow.Store(LoadScales(packed, block, superScales), unpacked.Scales + (block * Panel.Rows));
            PanelRow.Store(LoadMinima(packed, block, superScales), unpacked.Minima + (block * Panel.Rows));
        }
    }

    /// <summary>The factors of scales and minima; minima are stored as what is to be subtracted.</summary>
    /// <param name="superScales">[2][32 rows]</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* packed, float* superScales)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(packed + SuperScales)), superScales);
        PanelRow.Store(PanelRow.Negate(PanelRow.LoadFloat16((ushort*)(packed + SuperMinima))), superScales + Panel.Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* packed, int block, float* superScales) => PanelRow.LoadScaledBytes(packed + (block * Panel.Rows), superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* packed, int block, float* superScales) => PanelRow.LoadScaledBytes(packed + Minima + (block * Panel.Rows), superScales + Panel.Rows);

    /// <summary>Writes the code that loads the scales and minima of one of the blocks; those are to be subtracted.</summary>
    /// <param name="place">Where they lie in the panel.</param>
    public static void EmitLoads(GemvEmitter emitter, int place, int block)
    {
        if (block == 0)
        {
            emitter.LoadSuperScales(place + SuperScales);
            emitter.LoadSuperMinima(place + SuperMinima);
        }

        emitter.LoadByteScales(place + (block * Panel.Rows));
        emitter.LoadByteMinima(place + Minima + (block * Panel.Rows));
    }
}
