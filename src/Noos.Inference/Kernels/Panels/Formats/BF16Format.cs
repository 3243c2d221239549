using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Inference.Kernels.Panels.Formats;

/// <summary>bfloat16: the upper half of a float's bits.</summary>
readonly unsafe struct BF16Format : IFloatFormat
{
    public static string Name => "BF16";

    public static int ByteCount => sizeof(ushort);

    // Truncation is exact here: the values come from a BF16 tensor, so the lower half is zero.
    public static void Store(float value, byte* destination) =>
        *(ushort*)destination = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(byte* source) =>
        Vector256.ShiftLeft(Vector256.WidenLower(Vector128.Load((ushort*)source).ToVector256Unsafe()), 16).AsSingle();
}
