using System.Runtime.CompilerServices;
using Noos.Inference.Kernels.Emitted;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Scales of Q4_K and Q5_K beside their codes: per block of 32 columns a six-bit scale and a six-bit minimum, per super-block an F16 factor
/// for each (ggml: d, dmin). Packed as [8 blocks][32 rows] scales and the same of minima in bytes, then [32 rows] d and [32 rows] dmin.
/// </summary>
static unsafe class KQuantScales
{
    public const int Blocks = 8;

    const int Minima = Blocks * Panel.Rows;
    const int SuperScales = 2 * Minima;
    const int SuperMinima = SuperScales + (Panel.Rows * sizeof(ushort));

    public const int ByteCount = SuperMinima + (Panel.Rows * sizeof(ushort));

    /// <summary>Packs one row's scales.</summary>
    /// <param name="block">A super-block of the file: d, dmin, then 12 bytes of six-bit numbers.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* block, int row, byte* packed)
    {
        // d and dmin are the first two numbers of the block.
        ((ushort*)(packed + SuperScales))[row] = *(ushort*)block;
        ((ushort*)(packed + SuperMinima))[row] = *((ushort*)block + 1);
        var bits = block + (2 * sizeof(ushort));
        for (var i = 0; i < Blocks; i++)
        {
            // As get_scale_min_k4 of ggml: the first four pairs fill six bits of bytes 0 .. 7; of the last four the low nibbles are in
            // bytes 8 .. 11 and the upper two bits in the free bits of bytes 0 .. 7.
            var scale = i < 4 ? bits[i] & 63 : (bits[i + 4] & 15) | (bits[i - 4] >> 6 << 4);
            var minimum = i < 4 ? bits[i + 4] & 63 : (bits[i + 4] >> 4) | (bits[i] >> 6 << 4);
            packed[(i * Panel.Rows) + row] = (byte)scale;
            packed[Minima + (i * Panel.Rows) + row] = (byte)minimum;
        }
    }

    /// <summary>Scales and minima of all eight blocks as floats.</summary>
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

    /// <summary>
    /// Loads d and -dmin: ggml subtracts the minimum, the kernels add it, and negating once per super-block changes no rounding.
    /// </summary>
    /// <param name="superScales">[2][32 rows]</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* packed, float* superScales)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(packed + SuperScales)), superScales);
        PanelRow.Store(PanelRow.Negate(PanelRow.LoadFloat16((ushort*)(packed + SuperMinima))), superScales + Panel.Rows);
    }

    /// <summary>scale * d</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    // Exact: six bits times the eleven of F16 fit the 24 of a float. So unpacked and packed scales are the same bits.
    public static PanelRow<float> LoadScales(byte* packed, int block, float* superScales) =>
        PanelRow.LoadScaledBytes(packed + (block * Panel.Rows), superScales);

    /// <summary>minimum * -dmin</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* packed, int block, float* superScales) =>
        PanelRow.LoadScaledBytes(packed + Minima + (block * Panel.Rows), superScales + Panel.Rows);

    /// <summary>Emits the loads of a block's scales and minima; the minima keep their sign and are to be subtracted.</summary>
    /// <param name="emitter">Receives the code.</param>
    /// <param name="place">Byte offset in the packed panel.</param>
    /// <param name="block">0 .. 7, in order: the first also loads the super-scales.</param>
    public static void EmitLoads(GemvEmitter emitter, int place, int block)
    {
        // They stay in their registers for the following blocks of the super-block.
        if (block == 0)
        {
            emitter.LoadSuperScales(place + SuperScales);
            emitter.LoadSuperMinima(place + SuperMinima);
        }

        emitter.LoadByteScales(place + (block * Panel.Rows));
        emitter.LoadByteMinima(place + Minima + (block * Panel.Rows));
    }
}
