using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * level + minimum: both as 16-bit floats, then the levels as <see cref="NibbleLevels"/>.</summary>
readonly struct Q4_1Format : IBlockFormat
{
    const int Minimum = sizeof(ushort);
    const int Levels = Minimum + sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values) => NibbleLevels.Dequantize(
        NibbleLevels.Read(block[Levels..]),
        middle: 0,
        (float)BinaryPrimitives.ReadHalfLittleEndian(block),
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[Minimum..]),
        values);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (minimum, maximum) = BlockRange.MinMax(values);
        var scale = (maximum - minimum) / 15;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[Minimum..], (Half)minimum);
        NibbleLevels.Write(NibbleLevels.Quantize(values, minimum, scale == 0 ? 0 : 1 / scale, rounding: 0.5f, max: 15), block[Levels..]);
    }
}
