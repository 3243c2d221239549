using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q4_1: weight = code * scale + minimum. A panel has the codes, the scales, the minima.</summary>
readonly unsafe struct Q4_1Panel : IEmittedFormat
{
    const int ScaleBytes = NibblePlane.ByteCount;
    const int MinimumBytes = ScaleBytes + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q4_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => MinimumBytes + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FourBits;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        NibblePlane.PackPairs(block + (2 * sizeof(ushort)), row, panel);
        ((ushort*)(panel + ScaleBytes))[row] = *(ushort*)block;
        ((ushort*)(panel + MinimumBytes))[row] = *((ushort*)block + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        NibblePlane.Expand(panel, expanded.Codes);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + ScaleBytes)), expanded.Scales);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + MinimumBytes)), expanded.Minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa =>
        IntegerProducts.OfNibbles<TLanes>(panel, quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + ScaleBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Minima(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + MinimumBytes));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyNibbles(0, block, ZeroPoint);
        emitter.LoadScales(ScaleBytes);
        emitter.AddProducts(block);
        emitter.LoadMinima(MinimumBytes);
        emitter.AddMinima(block, areSubtracted: false);
    }
}
