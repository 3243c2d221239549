using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels;

/// <summary>Four 128-bit registers: SSE, NEON, WebAssembly.</summary>
readonly unsafe struct Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) : ILanes<Lanes128>
{
    readonly Vector128<float> _a = a;
    readonly Vector128<float> _b = b;
    readonly Vector128<float> _c = c;
    readonly Vector128<float> _d = d;

    public static string Name => "128-bit";

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static Lanes128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) =>
        new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source)
    {
        var (a, b) = Vector128.Widen(Vector128.Load(source));
        var (c, d) = Vector128.Widen(Vector128.Load(source + 8));
        return new(HalfPrecision.ToSingle(a), HalfPrecision.ToSingle(b), HalfPrecision.ToSingle(c), HalfPrecision.ToSingle(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 left, Lanes128 right, Lanes128 addend) => new(
        Vector128.FusedMultiplyAdd(left._a, right._a, addend._a),
        Vector128.FusedMultiplyAdd(left._b, right._b, addend._b),
        Vector128.FusedMultiplyAdd(left._c, right._c, addend._c),
        Vector128.FusedMultiplyAdd(left._d, right._d, addend._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 lanes) => HorizontalSum.Of(lanes._a + lanes._c + (lanes._b + lanes._d));
}
