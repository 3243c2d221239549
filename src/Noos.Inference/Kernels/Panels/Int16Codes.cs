using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>
/// From signed bytes, [groups][32 rows][4 columns], to words, [pairs][32 rows][2 columns]: of every four columns the first and third, then the
/// second and fourth, which takes three shifts. Activations stand in the same order.
/// </summary>
static unsafe class Int16Codes
{
    const int PairLength = Panel.Rows * 2;

    /// <summary>Widens 8 rows of one group of four columns.</summary>
    /// <param name="bytes">[8 rows][4 columns]</param>
    /// <param name="destination">Where the first row's first pair is to be.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, short* destination)
    {
        WidenEven(bytes).Store(destination);
        WidenOdd(bytes).Store(destination + PairLength);
    }

    /// <summary>The same times a factor a row, which stands twice for the two columns of a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(Vector256<sbyte> bytes, Vector256<short> scales, short* destination)
    {
        (WidenEven(bytes) * scales).Store(destination);
        (WidenOdd(bytes) * scales).Store(destination + PairLength);
    }

    /// <summary>Eight bytes as words, each twice: the factors of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> DuplicatePairs(sbyte* scales)
    {
        // Each byte into the upper half of two words, whose sign an arithmetic shift extends.
        var pairs = Vector256.Shuffle(Vector256.Create(*(ulong*)scales).AsByte(), Vector256.Create(
            (byte)255, 0, 255, 0, 255, 1, 255, 1, 255, 2, 255, 2, 255, 3, 255, 3, 255, 20, 255, 20, 255, 21, 255, 21, 255, 22, 255, 22, 255, 23, 255, 23));
        return Vector256.ShiftRightArithmetic(pairs.AsInt16(), 8);
    }

    /// <summary>Sixteen activations in the order of the codes that they meet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> InterleaveActivations(Vector256<short> activations) => Vector256.Shuffle(activations.AsByte(), Vector256.Create(
        (byte)0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15, 16, 17, 20, 21, 18, 19, 22, 23, 24, 25, 28, 29, 26, 27, 30, 31)).AsInt16();

    /// <summary>The first and third of every four bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> WidenEven(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(bytes.AsInt16(), 8), 8);

    /// <summary>The second and fourth of every four bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<short> WidenOdd(Vector256<sbyte> bytes) => Vector256.ShiftRightArithmetic(bytes.AsInt16(), 8);
}
