using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q4_K: eight blocks of four-bit codes with scales and minima. A panel has the codes of each block, then the scales.</summary>
readonly unsafe struct Q4_KPanel : IEmittedGemvFormat
{
    const int ScaleBytes = KQuantScales.Blocks * NibblePlane.ByteCount;
    const int FileScaleBytes = 16;

    public static GgufTensorType Type => GgufTensorType.Q4_K;

    public static int BlockLength => KQuantScales.Blocks * Panel.BlockLength;

    public static int PanelBytes => ScaleBytes + KQuantScales.ByteCount;

    public static CodeType CodeType => CodeType.UInt4;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        KQuantScales.Pack(block, row, panel + ScaleBytes);
        var codes = stackalloc byte[Panel.BlockLength];
        for (var i = 0; i < KQuantScales.Blocks; i++)
        {
            // 32 bytes have one block in their low halves and the next in their high halves.
            var source = block + FileScaleBytes + (i / 2 * Panel.BlockLength);
            for (var column = 0; column < Panel.BlockLength; column++)
            {
                codes[column] = (byte)(source[column] >> (i % 2 * 4) & 15);
            }

            NibblePlane.PackCodes(codes, row, panel + (i * NibblePlane.ByteCount));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        KQuantScales.Unpack(panel + ScaleBytes, unpacked);
        for (var i = 0; i < KQuantScales.Blocks; i++)
        {
            NibblePlane.Unpack(panel + (i * NibblePlane.ByteCount), unpacked.Codes + (i * Panel.Rows * Panel.BlockLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        BlockDot.DotNibbles<TDot>(panel + (block * NibblePlane.ByteCount), quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* panel, float* superScales) => KQuantScales.LoadSuperScales(panel + ScaleBytes, superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) => KQuantScales.LoadScales(panel + ScaleBytes, block, superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) => KQuantScales.LoadMinima(panel + ScaleBytes, block, superScales);

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        KQuantScales.EmitLoads(emitter, ScaleBytes, block);
        emitter.MultiplyNibbles(block * NibblePlane.ByteCount, block, ZeroPoint);
        emitter.AddProducts(block);
        emitter.AddMinima(block, areSubtracted: true);
    }
}
