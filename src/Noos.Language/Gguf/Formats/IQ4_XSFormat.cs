using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values in eight sub-blocks of 32 as scale * number of the <see cref="IQ4Table"/>: the scale of scales as a 16-bit float, the upper
/// two bits of the six-bit scales (minus 32) in 16 bits, the lower four in 4 bytes, then 16 bytes of levels for each sub-block.
/// </summary>
readonly struct IQ4_XSFormat : IBlockFormat
{
    const int SubBlocks = 8;
    const int UpperScales = sizeof(ushort);
    const int LowerScales = UpperScales + sizeof(ushort);
    const int Levels = LowerScales + (SubBlocks / 2);

    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        var upper = BinaryPrimitives.ReadUInt16LittleEndian(block[UpperScales..]);
        for (var i = 0; i < SubBlocks; i++)
        {
            var scale = (block[LowerScales + (i / 2)] >> (i % 2 * 4) & 0xF) | ((upper >> (2 * i) & 3) << 4);
            IQ4Table.ReadLevels(block.Slice(Levels + (16 * i), 16), scaleOfScales * (scale - 32), values[(IQ4Table.BlockLength * i)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> scales = stackalloc float[SubBlocks];
        for (var i = 0; i < SubBlocks; i++)
        {
            scales[i] = IQ4Table.FindScale(values.Slice(IQ4Table.BlockLength * i, IQ4Table.BlockLength));
        }

        // The inverses are those of the scale before its rounding to 16 bits.
        var scaleOfScales = -BlockRange.Extreme(scales) / 32;
        var inverse = scaleOfScales == 0 ? 0 : 1 / scaleOfScales;
        var upper = 0;
        block[LowerScales..Levels].Clear();
        for (var i = 0; i < SubBlocks; i++)
        {
            var scale = Math.Clamp(SubBlockLanes.Nearest(inverse * scales[i]), -32, 31);
            var stored = scaleOfScales * scale;
            IQ4Table.WriteLevels(
                values.Slice(IQ4Table.BlockLength * i, IQ4Table.BlockLength), stored == 0 ? 0 : 1 / stored, block[(Levels + (16 * i))..]);
            scale += 32;
            block[LowerScales + (i / 2)] |= (byte)((scale & 0xF) << (i % 2 * 4));
            upper |= scale >> 4 << (2 * i);
        }

        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scaleOfScales);
        BinaryPrimitives.WriteUInt16LittleEndian(block[UpperScales..], (ushort)upper);
    }
}
