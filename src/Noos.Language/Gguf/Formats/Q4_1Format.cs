using System.Buffers.Binary;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * level + minimum: both as 16-bit floats, then the levels as in <see cref="Q4_0Format"/>.</summary>
readonly struct Q4_1Format : IBlockFormat
{
    const int Pairs = 16;
    const int Levels = 2 * sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[sizeof(ushort)..]);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = block[Levels + i];
            values[i] = ((pair & 0xF) * scale) + minimum;
            values[Pairs + i] = ((pair >> 4) * scale) + minimum;
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var (minimum, maximum) = BlockRange.Of(values);
        var scale = (maximum - minimum) / 15;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[sizeof(ushort)..], (Half)minimum);
        for (var i = 0; i < Pairs; i++)
        {
            block[Levels + i] = (byte)(Level((values[i] - minimum) * inverse) | (Level((values[Pairs + i] - minimum) * inverse) << 4));
        }
    }

    static int Level(float value) => Math.Min(15, (int)(value + 0.5f));
}
