using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>
/// Q8_0: weight = code * scale with s8 codes, blocks of 32 (ggml: d, qs[32]). A panel has [8 groups][32 rows][4 columns] codes, then [32
/// rows] F16 scales.
/// </summary>
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
        // Same layout, so only the bias changes.
        BiasedByteCodes.FromSigned(panel, unpacked.Codes, CodeBytes);
    }

    /// <summary>Packs one row's 32 signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void PackCodes(sbyte* codes, int row, byte* panel)
    {
        var destination = (uint*)(panel + (row * 4));
        for (var group = 0; group < 8; group++)
        {
            // A dword is four columns of a row; the next group of the row lies 32 dwords further.
            destination[group * Panel.Rows] = ((uint*)codes)[group];
        }
    }

    /// <summary>Signed bytes [8 groups][32 rows][4 columns] to int16 [16 pairs][32 rows][2 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void UnpackCodes(byte* panel, short* int16Codes)
    {
        for (var group = 0; group < 8; group++)
        {
            for (var rows = 0; rows < Panel.Rows; rows += 8)
            {
                // One register is eight rows of four columns; it becomes two pairs of columns.
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
    public static PanelRow<float> LoadScales(byte* panel, int block, float* superScales) =>
        PanelRow.LoadFloat16((ushort*)(panel + CodeBytes));

    public static void EmitBlock(GemvEmitter emitter, int block)
    {
        emitter.MultiplyBytes(0, block);
        emitter.LoadScales(CodeBytes);
        emitter.AddProducts(block);
    }
}
