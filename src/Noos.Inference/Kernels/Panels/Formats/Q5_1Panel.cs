using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q5_1: weight = code * scale + minimum, blocks of 32 (ggml: d, m, qh[4], qs[16]). A panel has the low four bits as
/// <see cref="NibblePlane"/>, the fifth bits as <see cref="FifthBitPlane"/>, then [32 rows] F16 scales and [32 rows] F16 minima.
/// </summary>
readonly unsafe struct Q5_1Panel : IEmittedGemvFormat
{
    const int Fifth = NibblePlane.ByteCount;
    const int Scale = Fifth + FifthBitPlane.ByteCount;
    const int Minimum = Scale + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q5_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Minimum + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.UInt5;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        // d and m are the first two numbers of the block.
        ((ushort*)(panel + Scale))[row] = *(ushort*)block;
        ((ushort*)(panel + Minimum))[row] = *((ushort*)block + 1);
        // qh has one bit per column, in order.
        FifthBitPlane.Pack(*(uint*)(block + (2 * sizeof(ushort))), row, panel + Fifth);
        NibblePlane.PackPairs(block + (2 * sizeof(ushort)) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        NibblePlane.Unpack(panel, unpacked.Codes);
        FifthBitPlane.AddTo(panel + Fifth, unpacked.Codes);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + Scale)), unpacked.Scales);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + Minimum)), unpacked.Minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        // No zero point: the minimum shifts the codes.
        BlockDot.DotFiveBits<TDot>(panel, panel + Fifth, quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) => PanelRow.LoadFloat16((ushort*)(panel + Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + Minimum));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyFiveBits(0, Fifth, block, ZeroPoint);
        emitter.LoadScales(Scale);
        emitter.AddProducts(block);
        emitter.LoadMinima(Minimum);
        emitter.AddMinima(block, areSubtracted: false);
    }
}
