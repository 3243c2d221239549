using System.Runtime.CompilerServices;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Q3_K: three-bit codes around 4, a six-bit scale for every 16 columns, a factor for 256. Scale times code lies in -124 .. 128, so that
/// its negative is a signed byte: the panel is that of Q8_0 with the factor's sign turned. It takes more memory than the file, but
/// few files have this format.
/// </summary>
readonly unsafe struct Q3_KPanel : IPanelFormat
{
    const int Blocks = 8;
    const int FileCodes = 32;
    const int FileScales = FileCodes + 64;
    const int FileFactor = FileScales + 12;

    public static GgufTensorType Type => GgufTensorType.Q3_K;

    public static int BlockLength => Blocks * Panel.BlockLength;

    public static int PanelBytes => Blocks * Q8_0Panel.PanelBytes;

    public static CodeForm Form => CodeForm.Words;

    public static int ZeroPoint => 0;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        var values = stackalloc byte[sizeof(ushort) + Panel.BlockLength];
        *(ushort*)values = (ushort)(*(ushort*)(block + FileFactor) ^ 0x8000);
        for (var i = 0; i < Blocks; i++)
        {
            var source = block + FileCodes + (i / 4 * 32);
            for (var column = 0; column < Panel.BlockLength; column++)
            {
                var scale = Scale(block + FileScales, (2 * i) + (column / 16));
                var code = (source[column] >> (i % 4 * 2) & 3) - ((block[column] >> i & 1) == 0 ? 4 : 0);
                values[sizeof(ushort) + column] = (byte)-(scale * code);
            }

            Q8_0Panel.PackRow(values, row, panel + (i * Q8_0Panel.PanelBytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        for (var i = 0; i < Blocks; i++)
        {
            Q8_0Panel.Expand(panel + (i * Q8_0Panel.PanelBytes), expanded.From(i, Form));
        }
    }

    public static void ExpandBytes(byte* panel, ExpandedPanel expanded)
    {
        for (var i = 0; i < Blocks; i++)
        {
            Q8_0Panel.ExpandBytes(panel + (i * Q8_0Panel.PanelBytes), expanded.From(i, CodeForm.Bytes));
        }
    }

    static int Scale(byte* bits, int index)
    {
        var low = index < 8 ? bits[index] & 15 : bits[index - 8] >> 4;
        return (low | ((bits[8 + (index % 4)] >> (index / 4 * 2) & 3) << 4)) - 32;
    }
}
