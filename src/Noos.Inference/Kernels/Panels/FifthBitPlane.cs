using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The fifth bits of 32 rows of 32 codes in 128 bytes, [32 rows][4 columns]: bit g of a byte belongs to column 4g + its own.</summary>
static unsafe class FifthBitPlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 8;

    const int GroupBytes = Panel.Rows * 4;

    /// <param name="bits">Bit i belongs to column i.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint bits, int row, byte* packed)
    {
        for (var column = 0; column < 4; column++)
        {
            var value = 0u;
            for (var group = 0; group < 8; group++)
            {
                value |= ((bits >> ((4 * group) + column)) & 1) << group;
            }

            packed[(row * 4) + column] = (byte)value;
        }
    }

    /// <summary>Codes of one of the four groups of columns whose low four bits are the low halves of bytes.</summary>
    /// <param name="both">Eight rows of <see cref="NibblePlane"/>.</param>
    /// <param name="bits">The same rows' fifth bits.</param>
    /// <param name="group">A constant, 0 .. 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> CombineLow(Vector256<byte> both, Vector256<ushort> bits, int group) => NibblePlane.ExtractLow(both) | MaskBit(Vector256.ShiftLeft(bits, 4 - group));

    /// <summary>Codes of one of the four groups whose low four bits are the high halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> CombineHigh(Vector256<byte> both, Vector256<ushort> bits, int group) => NibblePlane.ExtractHigh(both) | MaskBit(Vector256.ShiftRightLogical(bits, group));

    /// <summary>Adds 16 to the codes that have the bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(byte* packed, byte* codes)
    {
        for (var i = 0; i < ByteCount; i += 32)
        {
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

    // Words may be shifted instead of bytes: the mask leaves only the bit that came from the same byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> MaskBit(Vector256<ushort> bits) => bits.AsByte() & Vector256.Create((byte)16);
}
