using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

readonly unsafe struct F32Format : IFloatFormat
{
    public static string Name => "F32";

    public static int ByteCount => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, int column)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load((float*)row + column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* row, int column) => ((float*)row)[column];

    public static void Copy(byte* row, int columns, float* destination) =>
        new ReadOnlySpan<float>(row, columns).CopyTo(new Span<float>(destination, columns));
}
