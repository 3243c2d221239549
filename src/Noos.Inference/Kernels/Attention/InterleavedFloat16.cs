using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// 32 half-precision numbers, two to a 32-bit word: of each 16 the first eight are the low halves and the last eight the high ones. So
/// shifts alone bring them into the places of eight floats, in order.
/// </summary>
static unsafe class InterleavedFloat16
{
    /// <summary>Bytes of 32 numbers.</summary>
    public const int ByteCount = Panel.Rows * sizeof(ushort);

    // Sign, exponent and fraction of a half, in the places of those of a float.
    const uint Bits = 0x8FFF_E000;

    /// <summary>Where the index-th of 32 numbers lies, in numbers.</summary>
    public static int GetIndex(int index) => (index & 16) + (2 * (index & 7)) + ((index >> 3) & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Load(byte* source)
    {
        var first = Vector256.Load((uint*)source);
        var second = Vector256.Load((uint*)source + 8);
        return new(Low(first), High(first), Low(second), High(second));
    }

    public static float LoadOne(byte* source, int index) => HalfPrecision.ToSingle(((ushort*)source)[GetIndex(index)]);

    /// <param name="numbers">[32]</param>
    /// <param name="destination">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* numbers, byte* destination)
    {
        for (var i = 0; i < Panel.Rows; i += 16)
        {
            var low = HalfPrecision.FromSingle(Vector256.Load(numbers + i));
            var high = HalfPrecision.FromSingle(Vector256.Load(numbers + i + 8));
            (low | Vector256.ShiftLeft(high, 16)).Store((uint*)destination + (i / 2));
        }
    }

    public static void StoreOne(float number, byte* destination, int index) => ((ushort*)destination)[GetIndex(index)] = HalfPrecision.FromSingle(number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Low(Vector256<uint> pairs) => High(Vector256.ShiftLeft(pairs, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> High(Vector256<uint> pairs) =>
        (Vector256.ShiftRightArithmetic(pairs.AsInt32(), 3) & Vector256.Create(Bits).AsInt32()).AsSingle() * Vector256.Create(HalfPrecision.BiasCorrection);
}
