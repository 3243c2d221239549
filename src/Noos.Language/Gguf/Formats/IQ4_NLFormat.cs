using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>32 values as scale * number of the <see cref="IQ4Table"/>: the scale as a 16-bit float, then 16 bytes of levels.</summary>
readonly struct IQ4_NLFormat : IBlockFormat
{
    const int Levels = sizeof(ushort);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values) =>
        IQ4Table.ReadLevels(block[Levels..], (float)BinaryPrimitives.ReadHalfLittleEndian(block), values);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = IQ4Table.FindScale(values);
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        IQ4Table.WriteLevels(values, scale == 0 ? 0 : 1 / scale, block[Levels..]);
    }
}
