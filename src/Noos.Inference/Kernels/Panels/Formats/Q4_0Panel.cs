using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q4_0: weight = (code - 8) * scale, blocks of 32 (ggml: d, qs[16]). A panel has the codes as <see cref="NibblePlane"/>, then [32 rows]
/// F16 scales.
/// </summary>
readonly unsafe struct Q4_0Panel : IEmittedGemvFormat
{
    public static GgufTensorType Type => GgufTensorType.Q4_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => NibblePlane.ByteCount + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.UInt4;

    public static int ZeroPoint => 8;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        // qs pairs columns j and j + 16, as NibblePlane does.
        NibblePlane.PackPairs(block + sizeof(ushort), row, panel);
        ((ushort*)(panel + NibblePlane.ByteCount))[row] = *(ushort*)block;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        NibblePlane.Unpack(panel, unpacked.Codes);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + NibblePlane.ByteCount)), unpacked.Scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        // 8 * sum(activations) as a shift.
        BlockDot.DotNibbles<TDot>(panel, quants, Vector256.ShiftLeft(Vector256.Create(blockScales->Sum), 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + NibblePlane.ByteCount));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyNibbles(0, block, ZeroPoint);
        emitter.LoadScales(NibblePlane.ByteCount);
        emitter.AddProducts(block);
    }
}
