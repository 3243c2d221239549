using System.Runtime.CompilerServices;

namespace Noos.Inference.Kernels;

readonly unsafe struct F16Format : IFloatFormat
{
    public static string Name => "F16";

    public static int ByteCount => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, int column)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadHalf((ushort*)row + column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* row, int column) => HalfPrecision.ToSingle(((ushort*)row)[column]);

    public static void Copy(byte* row, int columns, float* destination)
    {
        var source = (ushort*)row;
        for (var column = 0; column < columns; column++)
        {
            destination[column] = HalfPrecision.ToSingle(source[column]);
        }
    }
}
