using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q5_K: as Q4_K with a fifth bit (ggml: d, dmin, scales[12], qh[32], qs[128]). A panel has per block a <see cref="NibblePlane"/> and a
/// <see cref="FifthBitPlane"/>, then <see cref="KQuantScales"/>.
/// </summary>
readonly unsafe struct Q5_KPanel : IEmittedGemvFormat
{
    const int CodeBytes = NibblePlane.ByteCount + FifthBitPlane.ByteCount;
    const int ScaleBytes = KQuantScales.Blocks * CodeBytes;
    const int FileFifthBits = 16;
    const int FileCodes = FileFifthBits + 32;

    public static GgufTensorType Type => GgufTensorType.Q5_K;

    public static int BlockLength => KQuantScales.Blocks * Panel.BlockLength;

    public static int PanelBytes => ScaleBytes + KQuantScales.ByteCount;

    public static CodeType CodeType => CodeType.UInt5;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        KQuantScales.Pack(block, row, panel + ScaleBytes);
        var codes = stackalloc byte[Panel.BlockLength];
        for (var i = 0; i < KQuantScales.Blocks; i++)
        {
            // Low nibbles as in Q4_K; bit i of the 32 bytes of qh is the fifth bit of block i.
            var source = block + FileCodes + (i / 2 * Panel.BlockLength);
            var fifth = 0u;
            for (var column = 0; column < Panel.BlockLength; column++)
            {
                codes[column] = (byte)(source[column] >> (i % 2 * 4) & 15);
                fifth |= ((uint)block[FileFifthBits + column] >> i & 1) << column;
            }

            var packed = panel + (i * CodeBytes);
            NibblePlane.PackCodes(codes, row, packed);
            FifthBitPlane.Pack(fifth, row, packed + NibblePlane.ByteCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        KQuantScales.Unpack(panel + ScaleBytes, unpacked);
        for (var i = 0; i < KQuantScales.Blocks; i++)
        {
            var codes = unpacked.Codes + (i * Panel.Rows * Panel.BlockLength);
            NibblePlane.Unpack(panel + (i * CodeBytes), codes);
            FifthBitPlane.AddTo(panel + (i * CodeBytes) + NibblePlane.ByteCount, codes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        // No zero point: the minimum shifts the codes.
        BlockDot.DotFiveBits<TDot>(
            panel + (block * CodeBytes), panel + (block * CodeBytes) + NibblePlane.ByteCount, quants, Vector256<int>.Zero);

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
        emitter.MultiplyFiveBits(block * CodeBytes, (block * CodeBytes) + NibblePlane.ByteCount, block, ZeroPoint);
        emitter.AddProducts(block);
        emitter.AddMinima(block, areSubtracted: true);
    }
}
