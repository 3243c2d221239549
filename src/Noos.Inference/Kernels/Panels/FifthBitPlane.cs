using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Bit plane of 32 rows times 32 columns in 128 bytes, [32 rows][4 columns]: bit g of a byte belongs to column 4g + its own. So one
/// register holds the bits of 8 rows for all 32 columns, and a shift by a constant brings those of a group to where they are needed.
/// </summary>
static unsafe class FifthBitPlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 8;

    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Packs one row's 32 bits.</summary>
    /// <param name="bits">Bit i belongs to column i, as in ggml's qh.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint bits, int row, byte* packed)
    {
        for (var column = 0; column < 4; column++)
        {
            var value = 0u;
            // Gathers the column's bit of all eight groups of four columns.
            for (var group = 0; group < 8; group++)
            {
                value |= ((bits >> ((4 * group) + column)) & 1) << group;
            }

            packed[(row * 4) + column] = (byte)value;
        }
    }

    /// <summary>Five-bit codes of columns 4 * group .. 4 * group + 3, whose low bits are low nibbles.</summary>
    /// <param name="both">Eight rows of <see cref="NibblePlane"/>.</param>
    /// <param name="bits">The same rows' fifth bits.</param>
    /// <param name="group">A constant, 0 .. 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> CombineLow(Vector256<byte> both, Vector256<ushort> bits, int group) =>
        NibblePlane.ExtractLow(both) | MaskBit(Vector256.ShiftLeft(bits, 4 - group));

    /// <summary>Five-bit codes of columns 16 + 4 * group .., whose low bits are high nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> CombineHigh(Vector256<byte> both, Vector256<ushort> bits, int group) =>
        NibblePlane.ExtractHigh(both) | MaskBit(Vector256.ShiftRightLogical(bits, group));

    /// <summary>Adds 16 to the unpacked codes [8 groups][32 rows][4 columns] whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(byte* packed, byte* codes)
    {
        for (var i = 0; i < ByteCount; i += 32)
        {
            // Eight rows per turn. Bit g moves to bit 4, the value 16: left by 4 - g, or right by g - 4.
            var bits = Vector256.Load(packed + i).AsUInt16();
            AddBits(Vector256.ShiftLeft(bits, 4), codes + i);
            AddBits(Vector256.ShiftLeft(bits, 3), codes + i + GroupBytes);
            AddBits(Vector256.ShiftLeft(bits, 2), codes + i + (2 * GroupBytes));
            AddBits(Vector256.ShiftLeft(bits, 1), codes + i + (3 * GroupBytes));
            AddBits(bits, codes + i + (4 * GroupBytes));
            AddBits(Vector256.ShiftRightLogical(bits, 1), codes + i + (5 * GroupBytes));
            AddBits(Vector256.ShiftRightLogical(bits, 2), codes + i + (6 * GroupBytes));
            AddBits(Vector256.ShiftRightLogical(bits, 3), codes + i + (7 * GroupBytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddBits(Vector256<ushort> bits, byte* codes) => (Vector256.Load(codes) | MaskBit(bits)).Store(codes);

    // x86 has no byte shift, so int16 lanes are shifted: bit 4 of a byte comes from bits 0 .. 7 of the same byte for all shifts used
    // here (left by at most 4, right by at most 3), and the mask removes what crossed over from the neighbour.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> MaskBit(Vector256<ushort> bits) => bits.AsByte() & Vector256.Create((byte)16);
}
