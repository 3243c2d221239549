using System.Buffers.Binary;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * level + minimum: both as 16-bit floats, then the levels as in <see cref="Q5_0Format"/>.</summary>
readonly struct Q5_1Format : IBlockFormat
{
    const int Pairs = 16;
    const int FifthBits = 2 * sizeof(ushort);
    const int Levels = FifthBits + sizeof(uint);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[sizeof(ushort)..]);
        var fifth = BinaryPrimitives.ReadUInt32LittleEndian(block[FifthBits..]);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = block[Levels + i];
            values[i] = (((pair & 0xF) + (int)((fifth >> i & 1) << 4)) * scale) + minimum;
            values[Pairs + i] = (((pair >> 4) + (int)((fifth >> (Pairs + i) & 1) << 4)) * scale) + minimum;
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (minimum, maximum) = BlockRange.Of(values);
        var scale = (maximum - minimum) / 31;
        var inverse = scale == 0 ? 0 : 1 / scale;
        var fifth = 0u;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[sizeof(ushort)..], (Half)minimum);
        for (var i = 0; i < Pairs; i++)
        {
            var low = Level((values[i] - minimum) * inverse);
            var high = Level((values[Pairs + i] - minimum) * inverse);
            block[Levels + i] = (byte)((low & 0xF) | (high << 4));
            fifth |= ((uint)low >> 4 << i) | ((uint)high >> 4 << (Pairs + i));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[FifthBits..], fifth);
    }

    static int Level(float value) => (int)(value + 0.5f) & 0x1F;
}
