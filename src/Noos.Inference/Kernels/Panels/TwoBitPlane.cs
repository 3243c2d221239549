using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Two bits of 32 rows times 32 columns in 256 bytes, [2 halves][32 rows][4 columns]: bits 2g and 2g + 1 of a byte belong to column 4g +
/// its own of the half's 16 columns. One register holds 8 rows of a half; a shift by a constant and a mask extract a group.
/// </summary>
static unsafe class TwoBitPlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 4;

    /// <summary>Bytes of a half, in which eight rows take 32.</summary>
    public const int HalfBytes = ByteCount / 2;

    /// <summary>Packs two bits each of one row's 32 codes.</summary>
    /// <param name="codes">[32]</param>
    /// <param name="shift">Lowest of the two bits.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* codes, int shift, int row, byte* packed)
    {
        // Eight bytes per row: four in each half, each with the codes of four groups.
        for (var column = 0; column < 8; column++)
        {
            var bits = 0;
            for (var group = 0; group < 4; group++)
            {
                // Column 4 * group + its own of the half goes to bits 2 * group and up.
                bits |= (codes[(column / 4 * 16) + (4 * group) + (column % 4)] >> shift & 3) << (2 * group);
            }

            packed[(column / 4 * HalfBytes) + (row * 4) + (column % 4)] = (byte)bits;
        }
    }

    /// <summary>The two bits of a group of columns, as numbers 0 .. 3.</summary>
    /// <param name="bits">Eight rows of a half.</param>
    /// <param name="group">0 .. 3</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Extract(Vector256<ushort> bits, int group) =>
        // int16 lanes are shifted, as x86 has no byte shift: shifts are at most 6, so the two masked bits come from the same byte.
        Vector256.ShiftRightLogical(bits, 2 * group).AsByte() & Vector256.Create((byte)3);
}
