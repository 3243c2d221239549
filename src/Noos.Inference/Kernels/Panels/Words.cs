using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>From signed bytes, [groups][32 rows][4 columns], to words, [pairs][32 rows][2 columns].</summary>
static unsafe class Words
{
    const int PairLength = Panel.Rows * 2;

    /// <summary>Widens 8 rows of one group of four columns.</summary>
    /// <param name="bytes">[8 rows][4 columns]</param>
    /// <param name="words">Where the first row's first pair is to be.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<sbyte> bytes, short* words)
    {
        First(bytes).Store(words);
        Second(bytes).Store(words + PairLength);
    }

    /// <summary>The same times a factor a row, which stands twice for the two columns of a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<sbyte> bytes, Vector256<short> factors, short* words)
    {
        (First(bytes) * factors).Store(words);
        (Second(bytes) * factors).Store(words + PairLength);
    }

    /// <summary>Eight bytes as words, each twice: the factors of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Twice(sbyte* factors)
    {
        // Each byte into the upper half of two words, whose sign an arithmetic shift extends.
        var pairs = Vector256.Shuffle(Vector256.Create(*(ulong*)factors).AsByte(), Vector256.Create(
            (byte)255, 0, 255, 0, 255, 1, 255, 1, 255, 2, 255, 2, 255, 3, 255, 3, 255, 20, 255, 20, 255, 21, 255, 21, 255, 22, 255, 22, 255, 23, 255, 23));
        return Vector256.ShiftRightArithmetic(pairs.AsInt16(), 8);
    }

    // A byte in the high half of a word, then an arithmetic shift, extends its sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> First(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(
        Vector256.Shuffle(bytes.AsByte(), Vector256.Create(
            (byte)255, 0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13,
            255, 16, 255, 17, 255, 20, 255, 21, 255, 24, 255, 25, 255, 28, 255, 29)).AsInt16(), 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> Second(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(
        Vector256.Shuffle(bytes.AsByte(), Vector256.Create(
            (byte)255, 2, 255, 3, 255, 6, 255, 7, 255, 10, 255, 11, 255, 14, 255, 15,
            255, 18, 255, 19, 255, 22, 255, 23, 255, 26, 255, 27, 255, 30, 255, 31)).AsInt16(), 8);
}
