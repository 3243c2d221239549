using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels;

/// <summary>One number for each row of a panel, in registers.</summary>
readonly struct Rows32<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c, Vector256<T> d)
{
    public readonly Vector256<T> A = a;
    public readonly Vector256<T> B = b;
    public readonly Vector256<T> C = c;
    public readonly Vector256<T> D = d;
}

/// <summary>The numbers that each row has once a block, from how they are stored.</summary>
static unsafe class Rows32
{
    /// <summary>Half-precision numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Halves(ushort* halves)
    {
        var (a, b) = Vector256.Widen(Vector256.Load(halves));
        var (c, d) = Vector256.Widen(Vector256.Load(halves + 16));
        return new(HalfPrecision.ToSingle(a), HalfPrecision.ToSingle(b), HalfPrecision.ToSingle(c), HalfPrecision.ToSingle(d));
    }

    /// <summary>Unsigned bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<int> Integers(byte* numbers)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(numbers));
        var (a, b) = Vector256.Widen(low);
        var (c, d) = Vector256.Widen(high);
        return new(a.AsInt32(), b.AsInt32(), c.AsInt32(), d.AsInt32());
    }

    /// <summary>Unsigned bytes times factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Products(byte* numbers, Rows32<float> factors)
    {
        var integers = Integers(numbers);
        return new(
            Vector256.ConvertToSingle(integers.A) * factors.A, Vector256.ConvertToSingle(integers.B) * factors.B,
            Vector256.ConvertToSingle(integers.C) * factors.C, Vector256.ConvertToSingle(integers.D) * factors.D);
    }

    /// <summary>Signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Numbers(sbyte* numbers)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(numbers));
        var (a, b) = Vector256.Widen(low);
        var (c, d) = Vector256.Widen(high);
        return new(Vector256.ConvertToSingle(a), Vector256.ConvertToSingle(b), Vector256.ConvertToSingle(c), Vector256.ConvertToSingle(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Multiply(Rows32<float> left, Rows32<float> right) => new(left.A * right.A, left.B * right.B, left.C * right.C, left.D * right.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows32<float> Negate(Rows32<float> rows) => new(-rows.A, -rows.B, -rows.C, -rows.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Rows32<float> rows, float* destination)
    {
        rows.A.Store(destination);
        rows.B.Store(destination + 8);
        rows.C.Store(destination + 16);
        rows.D.Store(destination + 24);
    }
}
