using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Language.Gguf;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// MXFP4 (OCP Microscaling Formats 1.0): four-bit floats, 0 to 6 in steps of a half and up, with a power of two for 32 of them. Twice
/// the values are whole numbers in -12 .. 12, held here as codes around 12. A panel has the codes, then the exponents.
/// </summary>
readonly unsafe struct MXFP4Panel : IPanelFormat
{
    public static GgufTensorType Type => GgufTensorType.MXFP4;

    public static int BlockLength => Panel.BlockLength;

    public static int PanelBytes => Nibbles.ByteCount + Panel.Rows;

    public static CodeForm Form => CodeForm.FiveBits;

    public static int ZeroPoint => 12;

    public static bool HasMinima => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRow(byte* block, int row, byte* panel)
    {
        Nibbles.PackPairs(block + 1, row, panel);
        panel[Nibbles.ByteCount + row] = block[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(byte* panel, ExpandedPanel expanded)
    {
        for (var i = 0; i < Nibbles.ByteCount; i += 32)
        {
            var both = Vector256.Load(panel + i);
            Codes(Nibbles.Low(both)).Store(expanded.Codes + i);
            Codes(Nibbles.High(both)).Store(expanded.Codes + Nibbles.ByteCount + i);
        }

        for (var row = 0; row < Panel.Rows; row++)
        {
            // Half of 2^(exponent - 127); the two smallest are subnormal floats.
            var exponent = (uint)panel[Nibbles.ByteCount + row];
            expanded.Scales[row] = BitConverter.UInt32BitsToSingle(exponent < 2 ? 0x00200000u << (int)exponent : (exponent - 1) << 23);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Codes(Vector256<byte> codes)
    {
        var table = Vector128.Create((byte)12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
        return Vector256.Create(Vector128.Shuffle(table, codes.GetLower()), Vector128.Shuffle(table, codes.GetUpper()));
    }
}
