using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Emitted;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Q8_0: 32 signed bytes and a half-precision scale. A panel has [8 groups][32 rows][4 columns] bytes, then the scales.</summary>
readonly unsafe struct Q8_0Panel : IEmittedFormat
{
    const int CodeBytes = Panel.Rows * Panel.BlockLength;

    public static GgufTensorType Type => GgufTensorType.Q8_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => CodeBytes + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.Words;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + CodeBytes))[row] = *(ushort*)block;
        PackCodes((sbyte*)block + sizeof(ushort), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + CodeBytes)), expanded.Scales);
        ExpandCodes(panel, (short*)expanded.Codes);
    }

    public static void ExpandBytes(byte* panel, ExpandedPanel expanded)
    {
        PanelRow.Store(PanelRow.Halves((ushort*)(panel + CodeBytes)), expanded.Scales);
        ByteCodes.FromSigned(panel, expanded.Codes, CodeBytes);
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
    internal static void ExpandCodes(byte* panel, short* words)
    {
        for (var group = 0; group < 8; group++)
        {
            for (var rows = 0; rows < Panel.Rows; rows += 8)
            {
                Int16Codes.Store(Vector256.Load((sbyte*)panel + (rows * 4)), words + (rows * 2));
            }

            panel += Panel.Rows * 4;
            words += Panel.Rows * 4;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> Products<TLanes>(byte* panel, int block, sbyte* quants, ActivationBlockScale* factors)
        where TLanes : struct, IDotProductIsa =>
        IntegerProducts.OfBytes<TLanes>((sbyte*)panel, quants, factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Scales(byte* panel, int block, float* factors) => PanelRow.Halves((ushort*)(panel + CodeBytes));

    public static void EmitBlock(DirectEmitter emitter, int block)
    {
        emitter.MultiplyBytes(0, block);
        emitter.LoadScales(CodeBytes);
        emitter.AddProducts(block);
    }
}
