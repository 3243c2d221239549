using System.Buffers.Binary;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 32 values as scale * (level - 16): the scale as a 16-bit float, the fifth bit of every level in 32 bits, then the lower four as in
/// <see cref="Q4_0Format"/>.
/// </summary>
readonly struct Q5_0Format : IBlockFormat
{
    const int Pairs = 16;
    const int FifthBits = sizeof(ushort);
    const int Levels = FifthBits + sizeof(uint);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var fifth = BinaryPrimitives.ReadUInt32LittleEndian(block[FifthBits..]);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = block[Levels + i];
            values[i] = ((pair & 0xF) + (int)((fifth >> i & 1) << 4) - 16) * scale;
            values[Pairs + i] = ((pair >> 4) + (int)((fifth >> (Pairs + i) & 1) << 4) - 16) * scale;
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = BlockRange.Extreme(values) / -16;
        var inverse = scale == 0 ? 0 : 1 / scale;
        var fifth = 0u;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (var i = 0; i < Pairs; i++)
        {
            var low = Level(values[i] * inverse);
            var high = Level(values[Pairs + i] * inverse);
            block[Levels + i] = (byte)((low & 0xF) | (high << 4));
            fifth |= ((uint)low >> 4 << i) | ((uint)high >> 4 << (Pairs + i));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[FifthBits..], fifth);
    }

    static int Level(float value) => Math.Min(31, (int)(value + 16.5f));
}
