using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// IQ4_XS: eight blocks of codes of a table, a six-bit scale around 32 for each and a half-precision factor for all. A panel has for
/// each block the codes and the scales in signed bytes; then the factors.
/// </summary>
readonly unsafe struct IQ4_XSPanel : IPanelFormat
{
    const int Blocks = 8;
    const int BlockBytes = NibblePlane.ByteCount + Panel.Rows;
    const int Factors = Blocks * BlockBytes;
    const int FileCodes = 8;

    public static GgufTensorType Type => GgufTensorType.IQ4_XS;

    public static int BlockLength => Blocks * Panel.BlockLength;

    public static int PanelBytes => Factors + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.Words;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Factors))[row] = *(ushort*)block;
        var upper = *((ushort*)block + 1);
        for (var i = 0; i < Blocks; i++)
        {
            var scale = (block[4 + (i / 2)] >> (i % 2 * 4) & 15) | ((upper >> (2 * i) & 3) << 4);
            var packed = panel + (i * BlockBytes);
            NibblePlane.PackPairs(block + FileCodes + (i * 16), row, packed);
            packed[NibblePlane.ByteCount + row] = (byte)(scale - 32);
        }
    }

    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        ExpandScales(panel, expanded.Scales);
        for (var i = 0; i < Blocks; i++)
        {
            NonLinearCodes.Expand(panel + (i * BlockBytes), (short*)expanded.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    public static void ExpandBytes(byte* panel, ExpandedPanel expanded)
    {
        ExpandScales(panel, expanded.Scales);
        for (var i = 0; i < Blocks; i++)
        {
            NonLinearCodes.ExpandBytes(panel + (i * BlockBytes), expanded.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa => NonLinearCodes.Products<TLanes>(panel + (block * BlockBytes), quants, factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadFactors(byte* panel, float* factors) => PanelRow.Store(PanelRow.Halves((ushort*)(panel + Factors)), factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) =>
        PanelRow.Multiply(PanelRow.Numbers((sbyte*)panel + (block * BlockBytes) + NibblePlane.ByteCount), PanelRow.Load(factors));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void ExpandScales(byte* panel, float* scales)
    {
        var factors = stackalloc float[Panel.Rows];
        LoadFactors(panel, factors);
        for (var i = 0; i < Blocks; i++)
        {
            PanelRow.Store(Scales(panel, i, factors), scales + (i * Panel.Rows));
        }
    }
}
