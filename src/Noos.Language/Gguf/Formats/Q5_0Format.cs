using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 32 values as scale * (level - 16): the scale as a 16-bit float, the fifth bit of every level in 32 bits, then the lower four as
/// <see cref="NibbleLevels"/>.
/// </summary>
readonly struct Q5_0Format : IBlockFormat
{
    const int FifthBits = sizeof(ushort);
    const int Levels = FifthBits + sizeof(uint);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var levels = NibbleLevels.Read(block[Levels..])
            | NibbleLevels.Sixteens(BinaryPrimitives.ReadUInt32LittleEndian(block[FifthBits..]));
        NibbleLevels.Dequantize(levels, middle: 16, (float)BinaryPrimitives.ReadHalfLittleEndian(block), minimum: -0f, values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = BlockRange.Extreme(values) / -16;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        var levels = NibbleLevels.Quantize(values, minimum: 0, scale == 0 ? 0 : 1 / scale, rounding: 16.5f, max: 31);
        BinaryPrimitives.WriteUInt32LittleEndian(block[FifthBits..], NibbleLevels.FifthBits(levels));
        NibbleLevels.Write(levels, block[Levels..]);
    }
}
