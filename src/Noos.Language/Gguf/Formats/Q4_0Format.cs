using System.Buffers.Binary;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * (level - 8): the scale as a 16-bit float, then 16 bytes with value i in the low and i + 16 in the high half.</summary>
readonly struct Q4_0Format : IBlockFormat
{
    const int Pairs = 16;
    const int Levels = sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = block[Levels + i];
            values[i] = ((pair & 0xF) - 8) * scale;
            values[Pairs + i] = ((pair >> 4) - 8) * scale;
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = BlockRange.Extreme(values) / -8;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (var i = 0; i < Pairs; i++)
        {
            block[Levels + i] = (byte)(Level(values[i] * inverse) | (Level(values[Pairs + i] * inverse) << 4));
        }
    }

    static int Level(float value) => Math.Min(15, (int)(value + 8.5f));
}
