using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Two bits of each of 32 rows of 32 codes in 256 bytes, [2 halves][32 rows][4 columns]: bits 2g and 2g + 1 of a byte belong to column 4g + its
/// own of the half's 16 columns.
/// </summary>
static unsafe class TwoBitPlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 4;

    /// <summary>Bytes of a half, in which eight rows take 32.</summary>
    public const int HalfBytes = ByteCount / 2;

    /// <param name="codes">[32]</param>
    /// <param name="shift">Above which bit of the codes the two are.</param>
    /// <param name="row">0 .. 31</param>
    /// <param name="packed">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* codes, int shift, int row, byte* packed)
    {
        for (var column = 0; column < 8; column++)
        {
            var bits = 0;
            for (var group = 0; group < 4; group++)
            {
                bits |= (codes[(column / 4 * 16) + (4 * group) + (column % 4)] >> shift & 3) << (2 * group);
            }

            packed[(column / 4 * HalfBytes) + (row * 4) + (column % 4)] = (byte)bits;
        }
    }

    /// <summary>The bits of a group of columns, at the place of the lowest bits.</summary>
    /// <param name="bits">Eight rows of a half.</param>
    /// <param name="group">0 .. 3</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Extract(Vector256<ushort> bits, int group) =>
        // Words may be shifted instead of bytes: the mask leaves only bits of the same byte.
        Vector256.ShiftRightLogical(bits, 2 * group).AsByte() & Vector256.Create((byte)3);
}
