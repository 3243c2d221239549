using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q8_0: 32 signed bytes and a half-precision scale. A panel has [8 groups][32 rows][4 columns] bytes, then the scales.</summary>
readonly unsafe struct Q8_0Panel : IEmittedGemvFormat
{
    const int CodeBytes = Panel.Rows * Panel.BlockLength;

    public static GgufTensorType Type => GgufTensorType.Q8_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => CodeBytes + (Panel.Rows * sizeof(ushort));

    public static CodeType CodeType => CodeType.Int16;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBlock(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + CodeBytes))[row] = *(ushort*)block;
        PackCodes((sbyte*)block + sizeof(ushort), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* panel, UnpackedPanel unpacked)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + CodeBytes)), unpacked.Scales);
        UnpackCodes(panel, (short*)unpacked.Codes);
    }

    public static void UnpackBiasedBytes(byte* panel, UnpackedPanel unpacked)
    {
        PanelRow.Store(PanelRow.LoadFloat16((ushort*)(panel + CodeBytes)), unpacked.Scales);
        BiasedByteCodes.FromSigned(panel, unpacked.Codes, CodeBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void PackCodes(sbyte* codes, int row, byte* panel)
    {
        var destination = (uint*)(panel + (row * 4));
        for (var group = 0; group < 8; group++)
        {
            destination[group * Panel.Rows] = ((uint*)codes)[group];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void UnpackCodes(byte* panel, short* int16Codes)
    {
        for (var group = 0; group < 8; group++)
        {
            for (var rows = 0; rows < Panel.Rows; rows += 8)
            {
                Int16Codes.Widen(Vector256.Load((sbyte*)panel + (rows * 4)), int16Codes + (rows * 2));
            }

            panel += Panel.Rows * 4;
            int16Codes += Panel.Rows * 4;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> DotBlock<TDot>(byte* panel, int block, sbyte* quants, ActivationBlockScale* blockScales)
        where TDot : struct, IDotProductIsa =>
        BlockDot.DotInt8<TDot>((sbyte*)panel, quants, blockScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) => PanelRow.LoadFloat16((ushort*)(panel + CodeBytes));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyBytes(0, block);
        emitter.LoadScales(CodeBytes);
        emitter.AddProducts(block);
    }
}
