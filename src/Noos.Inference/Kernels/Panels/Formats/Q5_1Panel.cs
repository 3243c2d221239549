using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q5_1: weight = code * scale + minimum. A panel has the low four bits, the fifth bits, the scales, the minima.</summary>
readonly unsafe struct Q5_1Panel : IEmittedFormat
{
    const int Fifth = NibblePlane.ByteCount;
    const int Scale = Fifth + FifthBitPlane.ByteCount;
    const int Minimum = Scale + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q5_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Minimum + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scale))[row] = *(ushort*)block;
        ((ushort*)(panel + Minimum))[row] = *((ushort*)block + 1);
        FifthBitPlane.Pack(*(uint*)(block + (2 * sizeof(ushort))), row, panel + Fifth);
        NibblePlane.PackPairs(block + (2 * sizeof(ushort)) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        NibblePlane.Expand(panel, expanded.Codes);
        FifthBitPlane.Add(panel + Fifth, expanded.Codes);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + Scale)), expanded.Scales);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + Minimum)), expanded.Minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa =>
        IntegerProducts.OfFiveBits<TLanes>(panel, panel + Fifth, quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Minima(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + Minimum));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyFiveBits(0, Fifth, block, ZeroPoint);
        emitter.LoadScales(Scale);
        emitter.AddProducts(block);
        emitter.LoadMinima(Minimum);
        emitter.AddMinima(block, areSubtracted: false);
    }
}
