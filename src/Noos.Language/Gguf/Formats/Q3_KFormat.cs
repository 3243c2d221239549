using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Noos.Language.Gguf.Formats;

/// <summary>
/// 256 values in 16 sub-blocks of 16, each value scale * (level - 4): 32 bytes of which bit j of byte i is the third bit of value 32 * j +
/// i, 64 bytes of <see cref="TwoBitLevels"/>, 12 bytes of six-bit scales (minus 32) and their scale as a 16-bit float.
/// </summary>
readonly struct Q3_KFormat : IBlockFormat
{
    const int SubBlockLength = 16;
    const int SubBlocks = 16;
    const int Levels = 32;
    const int Scales = Levels + TwoBitLevels.Bytes;
    const int Scale = Scales + 12;

    [SkipLocalsInit]
    public static void Dequantize(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        Span<byte> levels = stackalloc byte[256];
        TwoBitLevels.Read(block[Levels..], levels);
        for (var i = 0; i < SubBlocks; i++)
        {
            var scale = scaleOfScales * ReadScale(block[Scales..], i);
            for (var j = 0; j < SubBlockLength; j++)
            {
                var third = block[(i % 2 * SubBlockLength) + j] >> (i / 2) & 1;
                values[(i * SubBlockLength) + j] = scale * (levels[(i * SubBlockLength) + j] + (third << 2) - 4);
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<Vector256<float>> lanes = stackalloc Vector256<float>[SubBlocks * 2];
        Span<Vector256<float>> found = stackalloc Vector256<float>[SubBlocks * 2];
        Span<float> scales = stackalloc float[SubBlocks];
        for (var half = 0; half < 2; half++)
        {
            var own = lanes.Slice(half * SubBlockLength, SubBlockLength);
            SubBlockLanes.Load(values[(half * 128)..], own);
            ScaleSearch.Refine(own, found.Slice(half * SubBlockLength, SubBlockLength), 4)
                .CopyTo(scales[(half * SubBlockLanes.Count)..]);
        }

        WriteScales(scales, block);
        var scaleOfScales = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Scale..]);
        Span<byte> levels = stackalloc byte[256];
        for (var half = 0; half < 2; half++)
        {
            var stored = Vector256<float>.Zero;
            for (var i = 0; i < SubBlockLanes.Count; i++)
            {
                stored = stored.WithElement(i, scaleOfScales * ReadScale(block[Scales..], (half * SubBlockLanes.Count) + i));
            }

            var empty = Vector256.Equals(stored, Vector256<float>.Zero);
            for (var i = half * SubBlockLength; i < (half + 1) * SubBlockLength; i++)
            {
                found[i] = SubBlockLanes.Choose(empty, found[i], SubBlockLanes.Nearest(lanes[i] / stored, -4, 3) + Vector256.Create(4f));
            }

            SubBlockLanes.Store(found.Slice(half * SubBlockLength, SubBlockLength), levels.Slice(half * 128, 128));
        }

        block[..Levels].Clear();
        for (var i = 0; i < levels.Length; i++)
        {
            block[i % 32] |= (byte)(levels[i] >> 2 << (i / 32));
            levels[i] &= 3;
        }

        TwoBitLevels.Write(levels, block[Levels..]);
    }

    /// <summary>The lower four bits of scales 0 to 7 and 8 to 15 share bytes 0 to 7, the upper two of all lie in bytes 8 to 11.</summary>
    static int ReadScale(ReadOnlySpan<byte> scales, int index) =>
        ((scales[index % 8] >> (index / 8 * 4) & 0xF) | ((scales[8 + (index % 4)] >> (index / 4 * 2) & 3) << 4)) - 32;

    static void WriteScales(ReadOnlySpan<float> scales, Span<byte> block)
    {
        var packed = block[Scales..Scale];
        packed.Clear();
        var extreme = BlockRange.Extreme(scales);
        if (extreme == 0)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block[Scale..], (Half)0f);
            return;
        }

        // The extreme scale gets the level -32, the one that has no positive counterpart.
        var inverse = -32 / extreme;
        BinaryPrimitives.WriteHalfLittleEndian(block[Scale..], (Half)(1 / inverse));
        for (var i = 0; i < scales.Length; i++)
        {
            var scale = Math.Clamp(SubBlockLanes.Nearest(inverse * scales[i]), -32, 31) + 32;
            packed[i % 8] |= (byte)((scale & 0xF) << (i / 8 * 4));
            packed[8 + (i % 4)] |= (byte)(scale >> 4 << (i / 4 * 2));
        }
    }
}
