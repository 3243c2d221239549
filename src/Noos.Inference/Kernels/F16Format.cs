using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

readonly unsafe struct F16Format : IFloatFormat
{
    public static string Name => "F16";

    public static int ByteCount => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, int column, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var source = (ushort*)row + column;
        return column + 16 <= columns ? TLanes.LoadHalf(source) : LoadTail<TLanes>(source, columns - column);
    }

    public static void Copy(byte* row, int columns, float* destination)
    {
        var source = (ushort*)row;
        for (var column = 0; column < columns; column++)
        {
            destination[column] = HalfPrecision.ToSingle(source[column]);
        }
    }

    static TLanes LoadTail<TLanes>(ushort* source, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var padded = stackalloc ushort[16];
        new Span<ushort>(padded, 16).Clear();
        new ReadOnlySpan<ushort>(source, count).CopyTo(new Span<ushort>(padded, 16));
        return TLanes.LoadHalf(padded);
    }
}
