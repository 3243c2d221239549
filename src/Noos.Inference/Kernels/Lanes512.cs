using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>One 512-bit register: AVX-512.</summary>
readonly unsafe struct Lanes512(Vector512<float> lanes) : ILanes<Lanes512>
{
    readonly Vector512<float> _lanes = lanes;

    public static string Name => "512-bit";

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public static Lanes512 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHalf(ushort* source)
    {
        var (low, high) = Vector256.Widen(Vector256.Load(source));
        return new(Vector512.Create(HalfPrecision.ToSingle(low), HalfPrecision.ToSingle(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 left, Lanes512 right, Lanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._lanes, right._lanes, addend._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 lanes) => HorizontalSum.Of(lanes._lanes.GetLower() + lanes._lanes.GetUpper());
}
