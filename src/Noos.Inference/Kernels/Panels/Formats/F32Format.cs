using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>Single precision; used where it lies.</summary>
readonly unsafe struct F32Format : IFloatFormat
{
    public static string Name => "F32";

    public static int ByteCount => sizeof(float);

    public static void Store(float value, byte* destination) => *(float*)destination = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* source) => Vector256.Load((float*)source);
}
