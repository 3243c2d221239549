using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// IQ4_NL: weight = codebook[code] * scale, blocks of 32 (ggml: d, qs[16]). A panel has the codes as <see cref="NibblePlane"/>, then
/// [32 rows] F16 scales.
/// </summary>
readonly unsafe struct IQ4_NLPanel : IPanelFormat
{
    public static GgufTensorType Type => GgufTensorType.IQ4_NL;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Q4_0Panel.PanelBytes;

    public static CodeType CodeType => CodeType.Int16;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    // The file's block has the shape of Q4_0's; only the meaning of the codes differs.
    public static void PackBlock(byte* block, int row, byte* panel) => Q4_0Panel.PackBlock(block, row, panel);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + NibblePlane.ByteCount)), unpacked.Scales);
        IQ4Codebook.Unpack(panel, (short*)unpacked.Codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + NibblePlane.ByteCount)), unpacked.Scales);
        IQ4Codebook.UnpackBiasedBytes(panel, unpacked.Codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa => IQ4Codebook.DotBlock<TDot>(panel, quants, blockScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + NibblePlane.ByteCount));
}
