using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q4_K: super-block of 256 columns; weight = d * scale * code - dmin * minimum, with scale and minimum per 32 columns (ggml: d, dmin,
/// scales[12], qs[128]). A panel has eight <see cref="NibblePlane"/>, then <see cref="KQuantScales"/>.
/// </summary>
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
            // ggml puts two blocks into 32 bytes, one in the low nibbles and the next in the high ones; a NibblePlane pairs the two halves
            // of one block instead, so that a GEMV goes through the blocks one by one.
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
        // No zero point: the minimum shifts the codes.
        BlockDot.DotNibbles<TDot>(panel + (block * NibblePlane.ByteCount), quants, Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadSuperScales(byte* panel, float* superScales) => KQuantScales.LoadSuperScales(panel + ScaleBytes, superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        KQuantScales.LoadScales(panel + ScaleBytes, block, superScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadMinima(byte* panel, int block, float* superScales) =>
        KQuantScales.LoadMinima(panel + ScaleBytes, block, superScales);

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        KQuantScales.EmitLoads(emitter, ScaleBytes, block);
        emitter.MultiplyNibbles(block * NibblePlane.ByteCount, block, ZeroPoint);
        emitter.AddProducts(block);
        emitter.AddMinima(block, areSubtracted: true);
    }
}
