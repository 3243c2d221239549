using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q4_0: weight = (code - 8) * scale. A panel has the codes, then the half-precision scales.</summary>
readonly unsafe struct Q4_0Panel : IEmittedFormat
{
    public static GgufTensorType Type => GgufTensorType.Q4_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => NibblePlane.ByteCount + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FourBits;

    public static int ZeroPoint => 8;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        NibblePlane.PackPairs(block + sizeof(ushort), row, panel);
        ((ushort*)(panel + NibblePlane.ByteCount))[row] = *(ushort*)block;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        NibblePlane.Expand(panel, expanded.Codes);
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + NibblePlane.ByteCount)), expanded.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa =>
        IntegerProducts.OfNibbles<TLanes>(panel, quants, Vector256.ShiftLeft(Vector256.Create(factors->Sum), 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + NibblePlane.ByteCount));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyNibbles(0, block, ZeroPoint);
        emitter.LoadScales(NibblePlane.ByteCount);
        emitter.AddProducts(block);
    }
}
