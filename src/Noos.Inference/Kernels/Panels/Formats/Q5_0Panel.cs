using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>Q5_0: weight = (code - 16) * scale. A panel has the low four bits, the fifth bits, the scales.</summary>
readonly unsafe struct Q5_0Panel : IPanelFormat
{
    const int Fifth = Nibbles.ByteCount;
    const int Scales = Fifth + FifthBits.ByteCount;

    public static GgufTensorType Type => GgufTensorType.Q5_0;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Scales + (Panel.Rows * sizeof(ushort));

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 16;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        ((ushort*)(panel + Scales))[row] = *(ushort*)block;
        FifthBits.Pack(*(uint*)(block + sizeof(ushort)), row, panel + Fifth);
        Nibbles.PackPairs(block + sizeof(ushort) + sizeof(uint), row, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        Nibbles.Expand(panel, expanded.Codes);
        FifthBits.Add(panel + Fifth, expanded.Codes);
        Rows32.Store(Rows32.Halves((ushort*)(panel + Scales)), expanded.Scales);
    }
}
