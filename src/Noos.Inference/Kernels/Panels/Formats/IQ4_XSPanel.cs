using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// IQ4_XS: super-block of 256 columns; weight = codebook[code] * (scale - 32) * super-scale, with a six-bit scale per 32 columns (ggml: d,
/// scales_h, scales_l[4], qs[128]). A panel has per block the codes as <see cref="NibblePlane"/> and [32 rows] scales as s8, then [32 rows]
/// F16 super-scales.
/// </summary>
readonly unsafe struct IQ4_XSPanel : IPanelFormat
{
    const int Blocks = 8;
    const int BlockBytes = NibblePlane.ByteCount + Panel.Rows;
    const int SuperScales = Blocks * BlockBytes;
    const int FileCodes = 8;

    public static GgufTensorType Type => GgufTensorType.IQ4_XS;

    public static int BlockLength => Blocks * Panel.BlockLength;

    public static int PanelBytes => SuperScales + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.Int16;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        // d is the first, scales_h the second uint16 of the block.
        ((ushort*)(panel + SuperScales))[row] = *(ushort*)block;
        var upper = *((ushort*)block + 1);
        for (var i = 0; i < Blocks; i++)
        {
            // Four low bits per block in scales_l, two high bits in scales_h; 32 is the zero point of scales.
            var scale = (block[4 + (i / 2)] >> (i % 2 * 4) & 15) | ((upper >> (2 * i) & 3) << 4);
            var packed = panel + (i * BlockBytes);
            NibblePlane.PackPairs(block + FileCodes + (i * 16), row, packed);
            packed[NibblePlane.ByteCount + row] = (byte)(scale - 32);
        }
    }

    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        UnpackScales(panel, unpacked.Scales);
        for (var i = 0; i < Blocks; i++)
        {
            IQ4Codebook.Unpack(panel + (i * BlockBytes), (short*)unpacked.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    public static void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked)
    {
        UnpackScales(panel, unpacked.Scales);
        for (var i = 0; i < Blocks; i++)
        {
            IQ4Codebook.UnpackBiasedBytes(panel + (i * BlockBytes), unpacked.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa => IQ4Codebook.DotBlock<TDot>(panel + (block * BlockBytes), quants, blockScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* panel, float* superScales) =>
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + SuperScales)), superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        // Exact: six bits of scale and eleven of the F16 factor fit the 24 of a float. So unpacked and packed scales are the same bits.
        PanelRow.Multiply(
            PanelRow.LoadSignedBytes((sbyte*)panel + (block * BlockBytes) + NibblePlane.ByteCount), PanelRow.Load(superScales));

    /// <summary>Scales of all eight blocks as floats, [8 blocks][32 rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void UnpackScales(byte* panel, float* scales)
    {
        var superScales = stackalloc float[Panel.Rows];
        LoadSuperScales(panel, superScales);
        for (var i = 0; i < Blocks; i++)
        {
            PanelRow.Store(LoadScales(panel, i, superScales), scales + (i * Panel.Rows));
        }
    }
}
