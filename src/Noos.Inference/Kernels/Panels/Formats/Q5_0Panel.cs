using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q5_0: weight = (code - 16) * scale, blocks of 32 (ggml: d, qh[4], qs[16]). A panel has the low four bits as <see cref="NibblePlane"/>,
/// the fifth bits as <see cref="FifthBitPlane"/>, then [32 rows] F16 scales.
/// </summary>
readonly unsafe struct Q5_0Panel : IEmittedGemvFormat
{
    const int Fifth = NibblePlane.ByteCount;
    const int Scale = Fifth + FifthBitPlane.ByteCount;

    public static GgufTensorType Type => GgufTensorType.Q5_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Scale + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.UInt5;

    public static int ZeroPoint => 16;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scale))[row] = *(ushort*)block;
        // qh has one bit per column, in order.
        FifthBitPlane.Pack(*(uint*)(block + sizeof(ushort)), row, panel + Fifth);
        NibblePlane.PackPairs(block + sizeof(ushort) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        NibblePlane.Unpack(panel, unpacked.Codes);
        FifthBitPlane.AddTo(panel + Fifth, unpacked.Codes);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + Scale)), unpacked.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        // 16 * sum(activations) as a shift.
        BlockDot.DotFiveBits<TDot>(panel, panel + Fifth, quants, Vector256.ShiftLeft(Vector256.Create(blockScales->Sum), 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) => PanelRow.LoadFloat16((ushort*)(panel + Scale));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyFiveBits(0, Fifth, block, ZeroPoint);
        emitter.LoadScales(Scale);
        emitter.AddProducts(block);
    }
}
