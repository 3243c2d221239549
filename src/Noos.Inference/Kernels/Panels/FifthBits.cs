using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>The fifth bits of 32 rows of 32 codes in 128 bytes, [32 rows][4 columns]: bit g of a byte belongs to column 4g + its own.</summary>
static unsafe class FifthBits
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

    /// <summary>Adds 16 to the codes that have the bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* packed, byte* codes)
    {
        for (var i = 0; i < ByteCount; i += 32)
        {
            // Words may be shifted instead of bytes: the mask leaves only the bit that came from the same byte.
            var bits = Vector256.Load(packed + i).AsUInt16();
            Add(Vector256.ShiftLeft(bits, 4), codes + i);
            Add(Vector256.ShiftLeft(bits, 3), codes + i + GroupBytes);
            Add(Vector256.ShiftLeft(bits, 2), codes + i + (2 * GroupBytes));
            Add(Vector256.ShiftLeft(bits, 1), codes + i + (3 * GroupBytes));
            Add(bits, codes + i + (4 * GroupBytes));
            Add(Vector256.ShiftRightLogical(bits, 1), codes + i + (5 * GroupBytes));
            Add(Vector256.ShiftRightLogical(bits, 2), codes + i + (6 * GroupBytes));
            Add(Vector256.ShiftRightLogical(bits, 3), codes + i + (7 * GroupBytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Add(Vector256<ushort> bits, byte* codes) => (Vector256.Load(codes) | (bits.AsByte() & Vector256.Create((byte)16))).Store(codes);
}
