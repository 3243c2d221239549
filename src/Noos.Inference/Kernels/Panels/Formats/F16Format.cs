using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>IEEE half precision.</summary>
readonly unsafe struct F16Format : IFloatFormat
{
    public static string Name => "F16";

    public static int ByteCount => sizeof(ushort);

    public static void Store(float value, byte* destination) => *(Half*)destination = (Half)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* source) => HalfPrecision.Load((ushort*)source);
}
