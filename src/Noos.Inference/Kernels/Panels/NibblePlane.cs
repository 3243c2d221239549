using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// 32 rows times 32 columns of four-bit codes in 512 bytes, [4 groups][32 rows][4 columns]: a low nibble is a code of columns 0 .. 15, the
/// high nibble that of the column 16 further. ggml pairs j and j + 16 likewise, so packing moves whole bytes, and one mask or one
/// shift and mask unpacks 32 codes in order.
/// </summary>
static unsafe class NibblePlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 2;

    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Packs one row's 16 bytes that already pair column i with column i + 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackPairs(byte* pairs, int row, byte* packed)
    {
        var destination = (uint*)(packed + (row * 4));
        for (var group = 0; group < 4; group++)
        {
            // Four columns are one dword; the next group of the same row lies 32 rows further.
            destination[group * GroupBytes / sizeof(uint)] = ((uint*)pairs)[group];
        }
    }

    /// <summary>Packs the low four bits of one row's 32 codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackCodes(byte* codes, int row, byte* packed)
    {
        var pairs = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
        {
            // The layout of ggml's Q4_0: column i low, column i + 16 high.
            pairs[i] = (byte)((codes[i] & 15) | (codes[i + 16] << 4));
        }

        PackPairs(pairs, row, packed);
    }

    /// <summary>Unpacks to bytes, [8 groups][32 rows][4 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, byte* codes)
    {
        for (var i = 0; i < ByteCount; i += 32)
        {
            // High nibbles are columns 16 .. 31, that is groups 4 .. 7, which begin 512 bytes later.
            var both = Vector256.Load(packed + i);
            ExtractLow(both).Store(codes + i);
            ExtractHigh(both).Store(codes + ByteCount + i);
        }
    }

    /// <summary>Codes of columns 0 .. 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ExtractLow(Vector256<byte> both) => both & Vector256.Create((byte)15);

    /// <summary>Codes of columns 16 .. 31. Shifted as int16, since there is no byte shift; the mask removes the neighbour's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ExtractHigh(Vector256<byte> both) =>
        Vector256.ShiftRightLogical(both.AsUInt16(), 4).AsByte() & Vector256.Create((byte)15);
}
