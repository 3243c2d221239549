using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Noos.Inference.Kernels.Panels;

namespace Noos.Inference.Kernels.Attention;

/// <summary>
/// 32 F16 numbers, two to a dword: of each 16 the first eight are the low halves and the last eight the high ones. So one load and shifts
/// give two registers of floats in order; plain F16 would need vpmovsxwd, which moves data across lanes, for every eight.
/// </summary>
static unsafe class InterleavedFloat16
{
    /// <summary>Bytes of 32 numbers.</summary>
    public const int ByteCount = Panel.Rows * sizeof(ushort);

    // After an arithmetic shift by 3: sign (bit 31), exponent (27 .. 23) and fraction (22 .. 13) of a half lie where a float has them. The
    // mask clears the copies of the sign in 30 .. 28 and the other half below.
    const uint Bits = 0x8FFF_E000;

    /// <summary>Position, in numbers, of number <paramref name="index"/> of 32.</summary>
    public static int GetIndex(int index) => (index & 16) + (2 * (index & 7)) + ((index >> 3) & 1);

    /// <summary>Loads 32 numbers as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Load(byte* source)
    {
        var first = Vector256.Load((uint*)source);
        var second = Vector256.Load((uint*)source + 8);
        return new(Low(first), High(first), Low(second), High(second));
    }

    /// <summary>Loads number <paramref name="index"/> of 32.</summary>
    public static float LoadOne(byte* source, int index) => HalfPrecision.ToSingle(((ushort*)source)[GetIndex(index)]);

    /// <summary>Stores 32 floats, rounded to nearest even.</summary>
    /// <param name="numbers">[32]</param>
    /// <param name="destination">[<see cref="ByteCount"/>]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(float* numbers, byte* destination)
    {
        for (var i = 0; i < Panel.Rows; i += 16)
        {
            // Numbers i .. i + 7 into the low halves, the next eight into the high ones.
            var low = HalfPrecision.FromSingle(Vector256.Load(numbers + i));
            var high = HalfPrecision.FromSingle(Vector256.Load(numbers + i + 8));
            (low | Vector256.ShiftLeft(high, 16)).Store((uint*)destination + (i / 2));
        }
    }

    /// <summary>Stores number <paramref name="index"/> of 32.</summary>
    public static void StoreOne(float number, byte* destination, int index) =>
        ((ushort*)destination)[GetIndex(index)] = HalfPrecision.FromSingle(number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Low(Vector256<uint> pairs) => High(Vector256.ShiftLeft(pairs, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> High(Vector256<uint> pairs) =>
        // The product corrects the exponent's bias, exactly, for subnormal halves too.
        (Vector256.ShiftRightArithmetic(pairs.AsInt32(), 3) & Vector256.Create(Bits).AsInt32())
            .AsSingle() * Vector256.Create(HalfPrecision.BiasCorrection);
}
