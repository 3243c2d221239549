using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Q5_1: weight = code * scale + minimum. A panel has the low four bits, the fifth bits, the scales, the minima.</summary>
readonly unsafe struct Q5_1Panel : IPanelFormat
{
    const int Fifth = Nibbles.ByteCount;
    const int Scales = Fifth + FifthBits.ByteCount;
    const int Minima = Scales + (Panel.Rows * sizeof(ushort));

    public static GgufTensorType Type => GgufTensorType.Q5_1;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Minima + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 0;

    public static bool HasMinima => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scales))[row] = *(ushort*)block;
        ((ushort*)(panel + Minima))[row] = *((ushort*)block + 1);
        FifthBits.Pack(*(uint*)(block + (2 * sizeof(ushort))), row, panel + Fifth);
        Nibbles.PackPairs(block + (2 * sizeof(ushort)) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        Nibbles.Expand(panel, expanded.Codes);
        FifthBits.Add(panel + Fifth, expanded.Codes);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Scales)), expanded.Scales);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Minima)), expanded.Minima);
    }
}
