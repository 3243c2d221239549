using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// Widens int8 codes to int16 in the even/odd order that vpmaddwd needs: from [groups][32 rows][4 columns] to [pairs][32 rows][2 columns],
/// of every four columns first 0 and 2, then 1 and 3. That order costs three shifts per register; vpmovsxbw would move bytes across
/// 128-bit lanes and need a permutation behind it. Activations are stored in the same order, so the products are those of the columns.
/// </summary>
static unsafe class Int16Codes
{
    const int PairLength = Panel.Rows * 2;

    /// <summary>Widens 8 rows of one group of four columns.</summary>
    /// <param name="bytes">[8 rows][4 columns]</param>
    /// <param name="destination">First row's place in [pairs][32 rows][2 columns]; two pairs are written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, short* destination)
    {
        WidenEven(bytes).Store(destination);
        WidenOdd(bytes).Store(destination + PairLength);
    }

    /// <summary>The same times one scale per row, which stands in both lanes of a pair; products must fit int16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, Vector256<short> scales, short* destination)
    {
        // vpmullw keeps the low 16 bits, which hold the product by the caller's bound.
        (WidenEven(bytes) * scales).Store(destination);
        (WidenOdd(bytes) * scales).Store(destination + PairLength);
    }

    /// <summary>Widens eight int8 scales to int16, each in both lanes of a pair: the scales of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> DuplicatePairs(sbyte* scales)
    {
        // Eight bytes broadcast to all four quadwords, so the in-lane vpshufb finds rows 4 .. 7 at bytes 20 .. 23 of the upper lane. Each
        // goes to the upper half of two int16 lanes (255 clears the lower half), and an arithmetic shift extends its sign.
        var pairs = Vector256.Shuffle(Vector256.Create(*(ulong*)scales).AsByte(), Vector256.Create(
            (byte)255, 0, 255, 0, 255, 1, 255, 1, 255, 2, 255, 2, 255, 3, 255, 3, 255, 20, 255, 20, 255, 21, 255, 21, 255, 22, 255, 22, 255,
            23, 255, 23));
        return Vector256.ShiftRightArithmetic(pairs.AsInt16(), 8);
    }

    /// <summary>Brings sixteen activations into the order of the codes: 1 and 2 of every four change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> InterleaveActivations(Vector256<short> activations) =>
        Vector256.Shuffle(activations.AsByte(), Vector256.Create(
        (byte)0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15, 16, 17, 20, 21, 18, 19, 22, 23, 24, 25, 28, 29, 26, 27, 30, 31))
            .AsInt16();

    /// <summary>Bytes 0 and 2 of every four, sign-extended by shifting up and down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> WidenEven(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(bytes.AsInt16(), 8), 8);

    /// <summary>Bytes 1 and 3 of every four, sign-extended by one arithmetic shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> WidenOdd(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(bytes.AsInt16(), 8);
}
