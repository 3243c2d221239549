using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * level + minimum: both as 16-bit floats, then the levels as in <see cref="Q5_0Format"/>.</summary>
readonly struct Q5_1Format : IBlockFormat
{
    const int Minimum = sizeof(ushort);
    const int FifthBits = Minimum + sizeof(ushort);
    const int Levels = FifthBits + sizeof(uint);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values) => NibbleLevels.Dequantize(
        NibbleLevels.Read(block[Levels..]) | NibbleLevels.Sixteens(BinaryPrimitives.ReadUInt32LittleEndian(block[FifthBits..])),
        middle: 0,
        (float)BinaryPrimitives.ReadHalfLittleEndian(block),
        (float)BinaryPrimitives.ReadHalfLittleEndian(block[Minimum..]),
        values);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (minimum, maximum) = BlockRange.MinMax(values);
        var scale = (maximum - minimum) / 31;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[Minimum..], (Half)minimum);

        // ggml limits the levels of the other formats only; a level of 32 would lose its bit in both programs.
        var levels = NibbleLevels.Quantize(values, minimum, scale == 0 ? 0 : 1 / scale, rounding: 0.5f, max: byte.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(block[FifthBits..], NibbleLevels.FifthBits(levels));
        NibbleLevels.Write(levels, block[Levels..]);
    }
}
