using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * (level - 8): the scale as a 16-bit float, then the levels as <see cref="NibbleLevels"/>.</summary>
readonly struct Q4_0Format : IBlockFormat
{
    const int Levels = sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values) =>
        NibbleLevels.Dequantize(
            NibbleLevels.Read(block[Levels..]), middle: 8, (float)BinaryPrimitives.ReadHalfLittleEndian(block), minimum: -0f, values);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = BlockRange.Extreme(values) / -8;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        NibbleLevels.Write(NibbleLevels.Quantize(values, minimum: 0, scale == 0 ? 0 : 1 / scale, rounding: 8.5f, max: 15), block[Levels..]);
    }
}
