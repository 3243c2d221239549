using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q4_1: weight = code * scale + minimum, blocks of 32 (ggml: d, m, qs[16]). A panel has the codes as <see cref="NibblePlane"/>, then [32
/// rows] F16 scales and [32 rows] F16 minima.
/// </summary>
readonly unsafe struct Q4_1Panel : IEmittedGemvFormat
{
    const int ScaleBytes = NibblePlane.ByteCount;
    const int MinimumBytes = ScaleBytes + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q4_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => MinimumBytes + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.UInt4;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        NibblePlane.PackPairs(block + (2 * sizeof(ushort)), row, panel);
        // d and m are the first two numbers of the block.
        ((ushort*)(panel + ScaleBytes))[row] = *(ushort*)block;
        ((ushort*)(panel + MinimumBytes))[row] = *((ushort*)block + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        NibblePlane.Unpack(panel, unpacked.Codes);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + ScaleBytes)), unpacked.Scales);
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + MinimumBytes)), unpacked.Minima);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        // No zero point: the minimum shifts the codes.
        BlockDot.DotNibbles<TDot>(panel, quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + ScaleBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + MinimumBytes));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyNibbles(0, block, ZeroPoint);
        emitter.LoadScales(ScaleBytes);
        emitter.AddProducts(block);
        emitter.LoadMinima(MinimumBytes);
        emitter.AddMinima(block, areSubtracted: false);
    }
}
