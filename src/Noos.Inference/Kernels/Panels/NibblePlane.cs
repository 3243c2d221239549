using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// 32 rows of 32 four-bit codes in 512 bytes, [4 groups][32 rows][4 columns]: the low half of a byte is a code of the first 16 columns,
/// the high half that of the column 16 further, as in GGUF's blocks of 32.
/// </summary>
static unsafe class NibblePlane
{
    public const int ByteCount = Panel.Rows * Panel.BlockLength / 2;

    const int GroupBytes = Panel.Rows * 4;

    /// <summary>Places 16 bytes that already pair column i with column i + 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackPairs(byte* pairs, int row, byte* packed)
    {
        var destination = (uint*)(packed + (row * 4));
        for (var group = 0; group < 4; group++)
        {
            destination[group * GroupBytes / sizeof(uint)] = ((uint*)pairs)[group];
        }
    }

    /// <summary>Places the low four bits of 32 codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackCodes(byte* codes, int row, byte* packed)
    {
        var pairs = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
        {
            pairs[i] = (byte)((codes[i] & 15) | (codes[i + 16] << 4));
        }

        PackPairs(pairs, row, packed);
    }

    /// <summary>Makes a byte of every code, [8 groups][32 rows][4 columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, byte* codes)
    {
        for (var i = 0; i < ByteCount; i += 32)
        {
            var both = Vector256.Load(packed + i);
            ExtractLow(both).Store(codes + i);
            ExtractHigh(both).Store(codes + ByteCount + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ExtractLow(Vector256<byte> both) => both & Vector256.Create((byte)15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ExtractHigh(Vector256<byte> both) => Vector256.ShiftRightLogical(both.AsUInt16(), 4).AsByte() & Vector256.Create((byte)15);
}
