using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

readonly unsafe struct F32Format : IFloatFormat
{
    public static string Name => "F32";

    public static int ByteCount => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, int column, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var source = (float*)row + column;
        return column + 16 <= columns ? TLanes.Load(source) : LoadTail<TLanes>(source, columns - column);
    }

    public static void Copy(byte* row, int columns, float* destination) =>
        new ReadOnlySpan<float>(row, columns).CopyTo(new Span<float>(destination, columns));

    static TLanes LoadTail<TLanes>(float* source, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var padded = stackalloc float[16];
        new Span<float>(padded, 16).Clear();
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(padded, 16));
        return TLanes.Load(padded);
    }
}
