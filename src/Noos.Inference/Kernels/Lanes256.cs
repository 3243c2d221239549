using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>Two 256-bit registers: AVX2 with FMA.</summary>
readonly unsafe struct Lanes256(Vector256<float> low, Vector256<float> high) : ILanes<Lanes256>
{
    readonly Vector256<float> _low = low;
    readonly Vector256<float> _high = high;

    public static string Name => "256-bit";

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    public static Lanes256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHalf(ushort* source)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(source));
        return new(HalfPrecision.ToSingle(low), HalfPrecision.ToSingle(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 left, Lanes256 right, Lanes256 addend) => new(
        Vector256.FusedMultiplyAdd(left._low, right._low, addend._low),
        Vector256.FusedMultiplyAdd(left._high, right._high, addend._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 lanes) => HorizontalSum.Of(lanes._low + lanes._high);
}
