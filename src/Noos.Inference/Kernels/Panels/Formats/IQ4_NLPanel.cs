using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>IQ4_NL: codes of a table of values, a half-precision scale. A panel has the codes, then the scales.</summary>
readonly unsafe struct IQ4_NLPanel : IPanelFormat
{
    public static GgufTensorType Type => GgufTensorType.IQ4_NL;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Q4_0Panel.PanelBytes;

    public static CodeForm Form => CodeForm.Words;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    public static void PackRow(byte* block, int row, byte* panel) => Q4_0Panel.PackRow(block, row, panel);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + NibblePlane.ByteCount)), expanded.Scales);
        NonLinearCodes.Expand(panel, (short*)expanded.Codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpandBytes(byte* panel, ExpandedPanel expanded)
    {
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + NibblePlane.ByteCount)), expanded.Scales);
        NonLinearCodes.ExpandBytes(panel, expanded.Codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa => NonLinearCodes.Products<TLanes>(panel, quants, factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + NibblePlane.ByteCount));
}
