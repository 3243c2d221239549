using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Noos.Inference.Kernels.Panels;

/// <summary>One value per panel row (32) in four 256-bit registers: A has rows 0 .. 7, D rows 24 .. 31.</summary>
readonly struct PanelRow<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c, Vector256<T> d)
{
    public readonly Vector256<T> A = a;
    public readonly Vector256<T> B = b;
    public readonly Vector256<T> C = c;
    public readonly Vector256<T> D = d;
}

/// <summary>Loads per-row values, such as scales, from their storage types. Sources are [32 rows].</summary>
static unsafe class PanelRow
{
    /// <summary>F16 to float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadFloat16(ushort* halves) =>
        new(HalfPrecision.Load(halves), HalfPrecision.Load(halves + 8), HalfPrecision.Load(halves + 16), HalfPrecision.Load(halves + 24));

    /// <summary>u8 to int32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<int> LoadBytes(byte* numbers) =>
        new(WidenEight(numbers), WidenEight(numbers + 8), WidenEight(numbers + 16), WidenEight(numbers + 24));

    /// <summary>u8 times float factors: a six-bit scale of a block times the super-block's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadScaledBytes(byte* numbers, float* factors) => Multiply(ToSingle(LoadBytes(numbers)), Load(factors));

    /// <summary>s8 to float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> LoadSignedBytes(sbyte* numbers) =>
        ToSingle(new(WidenEight(numbers), WidenEight(numbers + 8), WidenEight(numbers + 16), WidenEight(numbers + 24)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Load(float* numbers) =>
        new(Vector256.Load(numbers), Vector256.Load(numbers + 8), Vector256.Load(numbers + 16), Vector256.Load(numbers + 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Multiply(PanelRow<float> left, PanelRow<float> right) =>
        new(left.A * right.A, left.B * right.B, left.C * right.C, left.D * right.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelRow<float> Negate(PanelRow<float> rows) => new(-rows.A, -rows.B, -rows.C, -rows.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelRow<float> rows, float* destination)
    {
        rows.A.Store(destination);
        rows.B.Store(destination + 8);
        rows.C.Store(destination + 16);
        rows.D.Store(destination + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static PanelRow<float> ToSingle(PanelRow<int> rows) => new(
        // Exact: bytes fit the 24 bits of a float.
        Vector256.ConvertToSingle(rows.A), Vector256.ConvertToSingle(rows.B), Vector256.ConvertToSingle(rows.C),
            Vector256.ConvertToSingle(rows.D));

    // vpmovzxbd and vpmovsxbd widen from memory in one instruction; the portable way takes two steps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> WidenEight(byte* numbers) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(numbers)
        : Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalar(*(ulong*)numbers).AsByte().ToVector256Unsafe())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> WidenEight(sbyte* numbers) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(numbers)
        : Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalar(*(ulong*)numbers).AsSByte().ToVector256Unsafe()));
}
