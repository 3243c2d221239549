using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q5_0: weight = (code - 16) * scale. A panel has the low four bits, the fifth bits, the scales.</summary>
readonly unsafe struct Q5_0Panel : IEmittedFormat
{
    const int Fifth = NibblePlane.ByteCount;
    const int Scale = Fifth + FifthBitPlane.ByteCount;

    public static GgufTensorType Type => GgufTensorType.Q5_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Scale + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 16;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scale))[row] = *(ushort*)block;
        FifthBitPlane.Pack(*(uint*)(block + sizeof(ushort)), row, panel + Fifth);
        NibblePlane.PackPairs(block + sizeof(ushort) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        NibblePlane.Expand(panel, expanded.Codes);
        FifthBitPlane.Add(panel + Fifth, expanded.Codes);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + Scale)), expanded.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa =>
        IntegerProducts.OfFiveBits<TLanes>(panel, panel + Fifth, quants, Vector256.ShiftLeft(Vector256.Create(factors->Sum), 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + Scale));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyFiveBits(0, Fifth, block, ZeroPoint);
        emitter.LoadScales(Scale);
        emitter.AddProducts(block);
    }
}
